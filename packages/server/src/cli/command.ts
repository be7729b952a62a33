import type { Flag } from '../config/flags.ts'
import { readFlags } from '../config/flags.ts'

/** One command of `tidewatch`: a file here and a line in registry.ts. */
export interface Command {
  /** One word, or two as in `check rules`. */
  readonly name: string
  /** One line for `--help`. */
  readonly summary: string
  /** What stands after the name: `QUERY [--time TIME]`. */
  readonly usage: string
  readonly flags: readonly Flag[]
  /** Resolves with the exit code. */
  run(call: CommandCall): Promise<number>
}

export interface CommandCall {
  /** Arguments that are no flags, in order. */
  readonly words: readonly string[]
  readonly flags: ReadonlyMap<string, string>
  readonly rawArgs: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly out: (text: string) => void
  readonly err: (text: string) => void
}

/** Splits what follows a command's name into words and flags. */
export function readCall(
  args: readonly string[],
  command: Command,
  io: Pick<CommandCall, 'env' | 'out' | 'err'>,
): CommandCall {
  const words: string[] = []
  const flagArgs: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string
    if (!arg.startsWith('--')) {
      words.push(arg)
      continue
    }
    flagArgs.push(arg)
    const flag = command.flags.find(({ name }) => `--${name}` === arg)
    const value = args[i + 1]
    if (flag?.argument !== undefined && value !== undefined) {
      flagArgs.push(value)
      i++
    }
  }
  return { words, flags: readFlags(flagArgs, command.flags), rawArgs: args, ...io }
}

/** All values of a flag that may be repeated, in order. */
export function allValues(args: readonly string[], name: string): string[] {
  return args.flatMap((arg, i) => {
    if (arg.startsWith(`--${name}=`)) return [arg.slice(name.length + 3)]
    const next = args[i + 1]
    return arg === `--${name}` && next !== undefined ? [next] : []
  })
}
