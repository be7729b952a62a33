// Sending an event to a room. https://spec.matrix.org/v1.15/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid
import { answering, type Fields, json, jsonAnswer, known, must, text } from './checks.ts'
import type { Vendor } from './stand-in.ts'

export interface MatrixRoom {
  readonly vendor: Vendor
  /** By transaction: a repeat under one id is one event. */
  readonly events: ReadonlyMap<string, Fields>
}

export function matrixRoom(room: string, token: string): MatrixRoom {
  const events = new Map<string, Fields>()
  const vendor: Vendor = (request) =>
    answering(
      () => {
        const match = /^\/_matrix\/client\/v3\/rooms\/([^/]+)\/send\/m\.room\.message\/([^/?]+)$/.exec(request.path)
        if (match === null || request.method !== 'PUT')
          return jsonAnswer(404, { errcode: 'M_UNRECOGNIZED', error: 'Unrecognized request' })
        if (request.headers.authorization !== `Bearer ${token}`)
          return jsonAnswer(401, { errcode: 'M_UNKNOWN_TOKEN', error: 'Invalid access token passed.' })
        if (decodeURIComponent(match[1] ?? '') !== room)
          return jsonAnswer(403, { errcode: 'M_FORBIDDEN', error: 'User not in room' })
        must(Buffer.byteLength(request.body) <= 65_536, 'event too large')
        const event = json(request)
        known(event, ['msgtype', 'body', 'format', 'formatted_body'], 'event')
        must(['m.text', 'm.notice'].includes(text(event.msgtype, 'msgtype')), 'msgtype')
        text(event.body, 'body')
        if (event.formatted_body !== undefined) must(event.format === 'org.matrix.custom.html', 'format')
        const id = match[2] ?? ''
        if (!events.has(id)) events.set(id, event)
        return jsonAnswer(200, { event_id: `$${id}` })
      },
      (why) => jsonAnswer(400, { errcode: 'M_BAD_JSON', error: why }),
    )
  return { vendor, events }
}
