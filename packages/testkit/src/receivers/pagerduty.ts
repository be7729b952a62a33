// Events API v2 and v1. https://developer.pagerduty.com/docs/send-alert-event, https://developer.pagerduty.com/docs/events-api-v1-overview
import { answering, fields, json, jsonAnswer, known, list, must, text, url } from './checks.ts'
import type { StandInAnswer, Vendor } from './stand-in.ts'

const invalid = (why: string): StandInAnswer =>
  jsonAnswer(400, { status: 'invalid event', message: 'Event object is invalid', errors: [why] })

export interface Incident {
  readonly key: string
  status: 'triggered' | 'resolved'
  readonly events: string[]
  details: unknown
}

export interface PagerDutyService {
  readonly vendor: Vendor
  /** By dedup_key: a repeat under one key is one incident. */
  readonly incidents: ReadonlyMap<string, Incident>
}

export function pagerDutyService(key: string): PagerDutyService {
  const incidents = new Map<string, Incident>()
  const note = (dedup: string, action: string, details: unknown): void => {
    const incident = incidents.get(dedup) ?? { key: dedup, status: 'triggered' as const, events: [], details }
    incident.events.push(action)
    incident.status = action === 'resolve' ? 'resolved' : 'triggered'
    incident.details = details
    incidents.set(dedup, incident)
  }
  const vendor: Vendor = (request) =>
    answering(() => {
      must(Buffer.byteLength(request.body) <= 512_000, 'the event is larger than 512 KB')
      const event = json(request)
      if (request.path === '/v2/enqueue') {
        checkV2(event, key)
        note(
          String(event.dedup_key),
          String(event.event_action),
          (event.payload as { custom_details?: unknown }).custom_details,
        )
        return jsonAnswer(202, { status: 'success', message: 'Event processed', dedup_key: event.dedup_key })
      }
      must(request.path === '/generic/2010-04-15/create_event.json', 'there is no such path')
      checkV1(event, key)
      note(String(event.incident_key), String(event.event_type), event.details)
      return jsonAnswer(200, { status: 'success', message: 'Event processed', incident_key: event.incident_key })
    }, invalid)
  return { vendor, incidents }
}

function checkV2(event: Readonly<Record<string, unknown>>, key: string): void {
  known(
    event,
    ['routing_key', 'event_action', 'dedup_key', 'payload', 'images', 'links', 'client', 'client_url'],
    'event',
  )
  must(text(event.routing_key, 'routing_key') === key, 'routing_key is not known')
  must(['trigger', 'acknowledge', 'resolve'].includes(text(event.event_action, 'event_action')), 'event_action')
  text(event.dedup_key, 'dedup_key', { most: 255 })
  const payload = fields(event.payload, 'payload')
  known(
    payload,
    ['summary', 'source', 'severity', 'timestamp', 'component', 'group', 'class', 'custom_details'],
    'payload',
  )
  text(payload.summary, 'summary', { most: 1024 })
  text(payload.source, 'source')
  must(['critical', 'error', 'warning', 'info'].includes(text(payload.severity, 'severity')), 'severity')
  if (event.client_url !== undefined) url(event.client_url, 'client_url')
  for (const one of list(event.images ?? [], 'images')) url(fields(one, 'image').src, 'image.src')
  for (const one of list(event.links ?? [], 'links')) url(fields(one, 'link').href, 'link.href')
}

function checkV1(event: Readonly<Record<string, unknown>>, key: string): void {
  known(
    event,
    ['service_key', 'event_type', 'incident_key', 'description', 'details', 'client', 'client_url', 'contexts'],
    'event',
  )
  must(text(event.service_key, 'service_key') === key, 'service_key is not known')
  must(['trigger', 'acknowledge', 'resolve'].includes(text(event.event_type, 'event_type')), 'event_type')
  text(event.incident_key, 'incident_key', { most: 255 })
  text(event.description, 'description', { most: 1024 })
}
