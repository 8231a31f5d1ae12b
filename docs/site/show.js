AsyncApiStandalone.render(
  { schema: window.contract, config: { show: { sidebar: true, errors: true } } },
  document.getElementById("contract"),
);
