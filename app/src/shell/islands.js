// Brings the islands of the page to life, where it has any. A page without them loads no code.
((pkg, name, wasm) => {
  const root = document.documentElement;
  const islands = document.querySelectorAll("leptos-island");
  // Tests wait for this mark: from then on the page answers.
  const done = () => (root.dataset.hydrated = "true");
  const load = async () => {
    // Both at once, for the one names the other only when it runs.
    const code = fetch(`${pkg}/${wasm}.wasm`);
    const module = await import(`${pkg}/${name}.js`);
    await module.default({ module_or_path: code });
    module.hydrate();
    for (const island of islands) module[island.dataset.component]?.(island);
    done();
  };
  // After the first frame: what the reader sees first does not wait for what comes alive later.
  if (islands.length) requestAnimationFrame(() => setTimeout(load));
  else done();
})
