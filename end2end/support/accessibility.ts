// Accessibility checks with axe.
import AxeBuilder from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

// A theme changes only colours.
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

// Runs axe on the page in its current state, which `what` describes, in both themes. For pages that follow the system
// theme and have reduced motion: axe would see a colour halfway through a transition.
export async function expectAccessible(page: Page, what: string) {
  await page.emulateMedia({ colorScheme: "light" });
  await expectNoFindings(builder(page), `${what}, light`);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectNoFindings(builder(page).withRules(OF_COLOURS), `${what}, dark`);
}

// Legacy mode skips cross-origin frames, of which we have none; the default mode would open another page per check.
const builder = (page: Page) => new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });

async function expectNoFindings(axe: AxeBuilder, what: string) {
  const { violations } = await axe.analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), what).toEqual([]);
}
