// Runs on any Node, before a command that needs a newer one: running TypeScript files takes 22.18.
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `This command needs Node 22.18 or newer, and this is ${process.versions.node}. On Linux and Windows "npm ci" installs Node 24; elsewhere install it yourself.`,
  );
  process.exit(1);
}
