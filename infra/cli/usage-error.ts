/** The command was used wrongly, or what it was given cannot be taken. Each line of the message is for people. */
export class UsageError extends Error {}
