// The shape that all routes of Prometheus's query API share.
import { type Answer, defineRoute, type RequestContext, type Route } from '../../http/port.ts'

type Handle = (context: RequestContext) => Promise<Answer> | Answer

export function get(path: string, summary: string, handle: Handle): Route {
  return defineRoute({ method: 'GET', path, permission: 'view', errors: 'prometheus', summary, handle })
}

export function getAndPost(path: string, summary: string, handle: Handle): Route[] {
  return [
    get(path, summary, handle),
    defineRoute({ method: 'POST', path, permission: 'view', errors: 'prometheus', summary, bodyKind: 'form', handle }),
  ]
}

export const success = (data: unknown, more: object = {}): Answer => ({ body: { status: 'success', data, ...more } })
