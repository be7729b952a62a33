// Cards for connectors and for workflows.
// https://learn.microsoft.com/en-us/outlook/actionable-messages/message-card-reference, https://adaptivecards.io/explorer/AdaptiveCard.html
import { answering, fields, json, known, list, must, text, url } from './checks.ts'
import type { StandInAnswer, Vendor } from './stand-in.ts'

const refused = (why: string): StandInAnswer => ({ status: 400, body: `Summary or Text is required. ${why}` })

export function teamsConnector(path: string): Vendor {
  return (request) =>
    answering(() => {
      must(request.path === path, 'invalid webhook URL')
      must(Buffer.byteLength(request.body) <= 28_672, 'the message is larger than 28 KB')
      const card = json(request)
      must(card['@type'] === 'MessageCard', '@type')
      must(/^https?:\/\/schema\.org\/extensions$/.test(String(card['@context'])), '@context')
      must(
        text(card.summary ?? '', 'summary', { least: 0 }) !== '' || text(card.text ?? '', 'text', { least: 0 }) !== '',
        '',
      )
      text(card.title, 'title', { least: 0 })
      must(/^[0-9a-fA-F]{6}$/.test(String(card.themeColor)), 'themeColor')
      return { status: 200, body: '1' }
    }, refused)
}

const colours = ['default', 'dark', 'light', 'accent', 'good', 'warning', 'attention']

export function teamsWorkflow(path: string): Vendor {
  return (request) =>
    answering(() => {
      must(request.path === path, 'invalid webhook URL')
      must(Buffer.byteLength(request.body) <= 28_672, 'the message is larger than 28 KB')
      const message = json(request)
      must(message.type === 'message', 'type')
      const attachments = list(message.attachments, 'attachments')
      must(attachments.length === 1, 'exactly one attachment')
      const attachment = fields(attachments[0], 'attachment')
      must(attachment.contentType === 'application/vnd.microsoft.card.adaptive', 'contentType')
      must(attachment.contentUrl === null, 'contentUrl')
      const card = fields(attachment.content, 'content')
      known(card, ['$schema', 'type', 'version', 'body', 'actions', 'msteams'], 'card')
      must(card.type === 'AdaptiveCard' && /^1\.[0-5]$/.test(String(card.version)), 'type and version')
      for (const one of list(card.body, 'body')) {
        const block = fields(one, 'block')
        must(block.type === 'TextBlock', 'type of the block')
        text(block.text, 'text', { least: 0 })
        if (block.color !== undefined) must(colours.includes(String(block.color).toLowerCase()), 'color')
      }
      for (const one of list(card.actions ?? [], 'actions')) {
        const action = fields(one, 'action')
        must(action.type === 'Action.OpenUrl', 'type of the action')
        url(action.url, 'url')
      }
      return { status: 202 }
    }, refused)
}
