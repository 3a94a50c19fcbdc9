// Whether a page is sound for everyone, by what axe knows.
import AxeBuilder from "@axe-core/playwright";
import { type Page, expect } from "@playwright/test";

// A theme changes colours only.
const OF_COLOURS = ["color-contrast", "link-in-text-block"];

// Has axe look at the page as it is, `what` it is, in both themes. For pages without a theme of the reader's choice, and
// without motion: a colour on its way to another one is neither.
export async function expectSound(page: Page, what: string) {
  await page.emulateMedia({ colorScheme: "light" });
  await expectNoFindings(builder(page), `${what}, light`);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectNoFindings(builder(page).withRules(OF_COLOURS), `${what}, dark`);
}

// The legacy mode leaves out frames of other sites, of which we have none; the other one opens a page for each look. And
// of what is right nothing needs to be told.
const builder = (page: Page) => new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });

async function expectNoFindings(axe: AxeBuilder, what: string) {
  const { violations } = await axe.analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`), what).toEqual([]);
}
