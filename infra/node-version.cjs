// Runs on any Node, before anything that needs a newer one: TypeScript as it is wants 22.18.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This needs Node 22.18 or newer; this is ${process.versions.node}. On Linux and Windows "npm ci" brings Node 24; elsewhere install it.`,
  );
  process.exit(1);
}
