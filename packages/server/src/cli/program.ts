// The program `tidewatch`: finds the command, runs it, tells errors as people want them.
import { AppError, formatProblem } from '@tidewatch/core/error.ts'
import { nearest } from '@tidewatch/core/nearest.ts'
import { type Command, readCall } from './command.ts'
import { commands } from './registry.ts'

export function helpText(all: readonly Command[]): string {
  const width = Math.max(...all.map(({ name }) => name.length))
  const lines = all.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return ['Usage: tidewatch COMMAND', '', ...lines, '', 'tidewatch COMMAND --help tells more of one.'].join('\n')
}

export function commandHelp({ name, summary, usage, flags }: Command): string {
  const left = flags.map((flag) => `  --${flag.name}${flag.argument === undefined ? '' : ` ${flag.argument}`}`)
  const width = Math.max(0, ...left.map((text) => text.length))
  const lines = flags.map(
    (flag, i) =>
      `${(left[i] as string).padEnd(width)}  ${flag.help}${flag.fallback === undefined ? '' : ` (${flag.fallback})`}`,
  )
  return [
    `Usage: tidewatch ${name} ${usage}`.trimEnd(),
    '',
    summary,
    ...(lines.length === 0 ? [] : ['', ...lines]),
  ].join('\n')
}

/** Runs a command line without its first two words; the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const [name] = args
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    console.log(helpText(commands))
    return name === undefined ? 2 : 0
  }
  const wanted = name === '--version' ? 'version' : name
  const command = findCommand(wanted, args[1])
  if (command === undefined) {
    const meant = nearest(
      wanted,
      commands.map((known) => known.name),
    )
    console.error(
      `There is no command ${JSON.stringify(wanted)}.${meant === undefined ? '' : ` Did you mean ${meant}?`} See: tidewatch --help`,
    )
    return 2
  }
  const rest = args.slice(command.name.split(' ').length)
  if (rest.includes('--help') || rest.includes('-h')) {
    console.log(commandHelp(command))
    return 0
  }
  const io = { env: process.env, out: (text: string) => console.log(text), err: (text: string) => console.error(text) }
  return command.run(readCall(rest, command, io))
}

/** The command of two words comes before that of the first alone: `check rules` is not a check of a directory `rules`, which is `check ./rules`. */
function findCommand(first: string, second: string | undefined): Command | undefined {
  const named = (name: string): Command | undefined => commands.find((known) => known.name === name)
  return named(`${first} ${second}`) ?? named(first)
}

/** An error as people want it, on standard error. */
export function tell(error: unknown): void {
  if (!(error instanceof AppError)) {
    console.error(error)
    return
  }
  console.error(
    formatProblem({
      message: error.message,
      where: error.where ?? {},
      ...(error.fix === undefined ? {} : { fix: error.fix }),
    }),
  )
}
