import { readFileSync } from 'node:fs';
import * as z from 'zod';

const rowSchema = z.looseObject({ partitionKey: z.string(), rowKey: z.string() });
const timeSchema = z.iso.datetime().transform((text) => Date.parse(text));

const messageSchema = z.object({
  text: z.string(),
  enqueuedAt: timeSchema,
  visibleAt: timeSchema,
  dequeueCount: z.number(),
});

const userSchema = z.object({ user: z.string(), state: z.looseObject({}).optional() });

/** The rows of both tables, as 0.1 wrote them. */
export const storedRows = {
  ledger: read('ledger', rowSchema),
  users: read('users', rowSchema.extend({ user: z.string(), record: z.string() })),
};

/** The bulk messages that were in the queue when 0.1 ended, those included that it had not yet deleted. */
export const storedMessages = read('messages', messageSchema);

/** The users of the server, with their settings as the simulator describes them; without where nothing was ever set. */
export const usersOnServer = read('pool', userSchema);

function read<Schema extends z.ZodType>(name: string, schema: Schema): readonly z.output<Schema>[] {
  const file = new URL(`../../fixtures/0.1/${name}.json`, import.meta.url);
  return z.array(schema).parse(JSON.parse(readFileSync(file, 'utf8')));
}
