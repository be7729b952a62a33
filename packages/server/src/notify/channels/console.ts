import { z } from 'zod'
import { template } from '../options.ts'
import { defineChannel, type Notification } from '../port.ts'
import { bodyText, headline, momentMs, stateWord } from '../wording.ts'

const schema = z.strictObject({
  message: template.optional(),
  color: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .meta({ title: 'Colours', help: 'auto: where it is a terminal' }),
})

const reset = '\u001B[0m'
const bold = '\u001B[1m'
const codes = { critical: '\u001B[31m', high: '\u001B[31m', medium: '\u001B[33m', low: '\u001B[32m' }

/** A line or two on the server's standard output. */
export const console = defineChannel({
  kind: 'console',
  title: 'Console',
  repeats: 'perhaps twice',
  config: schema,
  async send(notification, config, { terminal, templates, clock }) {
    const isColoured = config.color === 'always' || (config.color === 'auto' && terminal.isTerminal)
    const text =
      config.message === undefined ? lines(notification, isColoured, clock.nowMs()) : templates.text(config.message)
    terminal.write(`${plainControls(text, isColoured)}\n`)
    return { status: 200, answer: 'written' }
  },
})

function lines(notification: Notification, isColoured: boolean, nowMs: number): string {
  const colour = notification.status === 'resolved' ? codes.low : codes[notification.severity]
  const state = isColoured ? `${bold}${colour}${stateWord(notification)}${reset}` : stateWord(notification)
  const time = new Date(momentMs(notification, nowMs)).toISOString()
  const head = headline(notification)
  const body = bodyText(notification)
  const more = body === head ? '' : `\n  ${body.replaceAll('\n', '\n  ')}`
  return `${time} ${state} ${head}${more}`
}

/** What comes in labels must not steer the terminal; our own colours stay. */
function plainControls(text: string, isColoured: boolean): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g, (letter, at: number) => {
    const isOurs = isColoured && letter === '\u001B' && /^\[(?:0|1|3[123])m/.test(text.slice(at + 1, at + 6))
    return isOurs ? letter : '�'
  })
}
