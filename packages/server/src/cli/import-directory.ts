import type { CommandCall } from './command.ts'

export async function checkDirectory(_call: CommandCall, _directory: string): Promise<number> {
  return 0
}
