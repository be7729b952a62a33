// sendMessage of the Bot API. https://core.telegram.org/bots/api#sendmessage
import { answering, type Fields, fields, json, jsonAnswer, known, list, must, text, url } from './checks.ts'
import type { StandInAnswer, Vendor } from './stand-in.ts'

const refusal = (code: number, description: string): StandInAnswer =>
  jsonAnswer(code, { ok: false, error_code: code, description })

export function telegramBot(token: string, chat: number | string): Vendor {
  let id = 0
  return (request) => {
    const match = /^\/bot([^/]+)\/(\w+)$/.exec(request.path)
    if (match?.[1] !== token) return refusal(401, 'Unauthorized')
    if (match[2] !== 'sendMessage') return refusal(404, 'Not Found')
    return answering(
      () => {
        const message = json(request)
        known(
          message,
          [
            'chat_id',
            'message_thread_id',
            'text',
            'parse_mode',
            'disable_notification',
            'link_preview_options',
            'reply_markup',
          ],
          'message',
        )
        if (message.chat_id !== chat) return refusal(400, 'Bad Request: chat not found')
        const written = text(message.text, 'message text')
        const visible = visibleText(written, message.parse_mode)
        must([...visible].length <= 4096, 'message is too long')
        if (message.reply_markup !== undefined) checkButtons(fields(message.reply_markup, 'reply_markup'))
        return jsonAnswer(200, { ok: true, result: { message_id: ++id, chat: { id: chat }, text: visible } })
      },
      (why) => refusal(400, `Bad Request: ${why}`),
    )
  }
}

function checkButtons(markup: Fields): void {
  for (const row of list(markup.inline_keyboard, 'inline_keyboard'))
    for (const one of list(row, 'row')) {
      const button = fields(one, 'button')
      text(button.text, 'button text')
      if (button.callback_data !== undefined) {
        const bytes = Buffer.byteLength(text(button.callback_data, 'button data'))
        must(bytes >= 1 && bytes <= 64 && button.url === undefined, 'BUTTON_DATA_INVALID')
        continue
      }
      url(button.url, 'button url')
      const host = URL.parse(String(button.url))?.hostname ?? ''
      must(host.includes('.') && host !== '127.0.0.1', 'BUTTON_URL_INVALID')
    }
}

/** As Telegram reads it, or "can't parse entities". */
function visibleText(written: string, mode: unknown): string {
  if (mode === undefined) return written
  if (mode === 'HTML') return visibleHtml(written)
  must(mode === 'Markdown' || mode === 'MarkdownV2', 'unsupported parse_mode')
  return visibleMarkdown(written, mode === 'MarkdownV2')
}

const tags = [
  'b',
  'strong',
  'i',
  'em',
  'u',
  'ins',
  's',
  'strike',
  'del',
  'span',
  'tg-spoiler',
  'a',
  'code',
  'pre',
  'blockquote',
  'tg-emoji',
]

function visibleHtml(written: string): string {
  const open: string[] = []
  const visible = written.replaceAll(/<(\/?)([a-zA-Z-]+)[^<>]*>/g, (_whole, slash: string, name: string) => {
    must(tags.includes(name), `can't parse entities: unsupported start tag "${name}"`)
    if (slash === '') open.push(name)
    else must(open.pop() === name, "can't parse entities: unexpected end tag")
    return ''
  })
  must(open.length === 0, `can't parse entities: can't find end tag corresponding to start tag "${open[0]}"`)
  must(!/[<>]/.test(visible), "can't parse entities: unescaped < or >")
  return visible.replaceAll(/&(?:lt|gt|amp|quot|#\d+|#x[0-9a-f]+);/gi, 'x')
}

function visibleMarkdown(written: string, isSecond: boolean): string {
  const marks = isSecond ? ['```', '||', '__', '*', '_', '~', '`'] : ['```', '*', '_', '`']
  const open: string[] = []
  let visible = ''
  for (let i = 0; i < written.length; ) {
    const inCode = open.at(-1)?.startsWith('`') === true
    if (written[i] === '\\' && !inCode) {
      visible += written[i + 1] ?? ''
      i += 2
      continue
    }
    const mark = marks.find(
      (one) => written.startsWith(one, i) && (open.length === 0 || one === open.at(-1) || (isSecond && !inCode)),
    )
    if (mark === undefined) {
      if (isSecond && !inCode)
        must(
          !/[>#+\-=|{}.!()[\]]/.test(written[i] ?? '') || inLink(written, i),
          `can't parse entities: character '${written[i]}' is reserved`,
        )
      visible += written[i] ?? ''
      i++
      continue
    }
    if (open.at(-1) === mark) open.pop()
    else open.push(mark)
    i += mark.length
  }
  must(open.length === 0, "can't parse entities: can't find end of the entity")
  return visible
}

const inLink = (written: string, at: number): boolean =>
  [...written.matchAll(/\[[^\]]*\]\([^)]*\)/g)].some((match) => at >= match.index && at < match.index + match[0].length)
