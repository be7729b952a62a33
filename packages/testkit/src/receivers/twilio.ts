// Messages and Calls. https://www.twilio.com/docs/messaging/api/message-resource, https://www.twilio.com/docs/voice/api/call-resource
import { answering, form, jsonAnswer, known, must, text } from './checks.ts'
import type { StandInAnswer, Vendor } from './stand-in.ts'

const refusal = (status: number, code: number, message: string): StandInAnswer =>
  jsonAnswer(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })

export interface TwilioAccount {
  readonly sid: string
  readonly token: string
  readonly from: string
  /** Numbers that Twilio does not take. */
  readonly badNumbers?: readonly string[]
}

export function twilioApi({ sid, token, from, badNumbers = [] }: TwilioAccount): Vendor {
  const basic = `Basic ${Buffer.from(`${sid}:${token}`).toString('base64')}`
  return (request) =>
    answering(
      () => {
        if (request.headers.authorization !== basic) return refusal(401, 20003, 'Authenticate')
        const match = /^\/2010-04-01\/Accounts\/([^/]+)\/(Messages|Calls)\.json$/.exec(request.path)
        if (match === null || match[1] !== sid) return refusal(404, 20404, 'The requested resource was not found')
        const asked = form(request)
        const to = text(asked.To, 'To')
        if (!/^\+[1-9]\d{6,14}$/.test(to) || badNumbers.includes(to))
          return refusal(400, 21211, `The 'To' number ${to} is not a valid phone number.`)
        must(asked.From === from || asked.MessagingServiceSid === from, "The 'From' number is not a valid phone number")
        if (match[2] === 'Messages') {
          known(asked, ['To', 'From', 'MessagingServiceSid', 'Body'], 'message')
          text(asked.Body, 'Body', { most: 1600 })
          return jsonAnswer(201, { sid: `SM${'0'.repeat(32)}`, status: 'queued', to, num_segments: '1' })
        }
        known(asked, ['To', 'From', 'Twiml'], 'call')
        checkTwiml(text(asked.Twiml, 'Twiml', { most: 4000 }))
        return jsonAnswer(201, { sid: `CA${'0'.repeat(32)}`, status: 'queued', to })
      },
      (why) => refusal(400, 21602, why),
    )
}

/** Well formed, and only verbs that there are. */
function checkTwiml(twiml: string): void {
  const open: string[] = []
  const rest = twiml.replaceAll(
    /<(\/?)([A-Za-z]+)((?:\s+[a-z]+="[^"<&]*")*)\s*(\/?)>/g,
    (_whole, slash: string, name: string, _attributes, alone: string) => {
      must(['Response', 'Say', 'Pause'].includes(name), `TwiML has no verb ${name}`)
      if (slash === '/') must(open.pop() === name, 'TwiML is not well formed')
      else if (alone !== '/') open.push(name)
      return ''
    },
  )
  must(open.length === 0 && !/[<>]|&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(rest), 'TwiML is not well formed')
  must(twiml.startsWith('<Response>'), 'TwiML begins with Response')
}
