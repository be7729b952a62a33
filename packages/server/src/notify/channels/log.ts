import { z } from 'zod'
import { defineChannel } from '../port.ts'

/** For what is to be recorded and to wake nobody: the delivery log has it, and nothing leaves the house. */
export const log = defineChannel({
  kind: 'log',
  title: 'Log only',
  repeats: 'once',
  config: z.strictObject({}),
  send: async () => ({ status: 200, answer: 'recorded' }),
})
