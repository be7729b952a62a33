// Execute Webhook. https://docs.discord.com/developers/resources/webhook#execute-webhook
import { answering, fields, json, jsonAnswer, known, list, must, text, url } from './checks.ts'
import type { Vendor } from './stand-in.ts'

export function discordWebhook(path: string): Vendor {
  return (request) =>
    answering(
      () => {
        const asked = new URL(request.path, 'http://discord')
        if (asked.pathname !== path) return jsonAnswer(404, { message: 'Unknown Webhook', code: 10015 })
        const message = json(request)
        known(message, ['content', 'username', 'avatar_url', 'embeds', 'allowed_mentions', 'tts'], 'message')
        if (message.content !== undefined) text(message.content, 'content', { most: 2000 })
        if (message.username !== undefined) text(message.username, 'username', { most: 80 })
        if (message.avatar_url !== undefined) url(message.avatar_url, 'avatar_url')
        const embeds = list(message.embeds ?? [], 'embeds')
        must(embeds.length <= 10, 'embeds: at most 10')
        must(embeds.length > 0 || message.content !== undefined, 'Cannot send an empty message')
        let total = 0
        for (const one of embeds) {
          const embed = fields(one, 'embed')
          known(embed, ['title', 'description', 'url', 'color', 'timestamp', 'footer', 'fields'], 'embed')
          total += text(embed.title ?? '', 'embed.title', { least: 0, most: 256 }).length
          total += text(embed.description ?? '', 'embed.description', { least: 0, most: 4096 }).length
          must(
            Number.isInteger(embed.color) && Number(embed.color) >= 0 && Number(embed.color) <= 0xffffff,
            'embed.color',
          )
        }
        must(total <= 6000, 'embeds: more than 6000 characters together')
        return asked.searchParams.get('wait') === 'true' ? jsonAnswer(200, { id: '1', ...message }) : { status: 204 }
      },
      (why) => jsonAnswer(400, { message: 'Invalid Form Body', code: 50035, errors: why }),
    )
}
