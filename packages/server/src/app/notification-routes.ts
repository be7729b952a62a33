// What is wrong with the server itself, asked once or followed. https://prometheus.io/docs/prometheus/latest/querying/api/#notifications
import { type Answer, defineRoute, type RequestContext, type Route } from '../http/port.ts'
import { activeNotifications, type NotificationsOptions, notificationEvents } from './notifications.ts'

/** Prometheus's `--web.max-notifications-subscribers` by default; each one costs a look a second. */
const maxFollowers = 16

export function createNotificationRoutes(options: NotificationsOptions): Route[] {
  const followers = new Set<AbortSignal>()
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/notifications',
      permission: 'view',
      errors: 'prometheus',
      summary: 'What is wrong with the server itself now',
      handle: () => ({ body: { status: 'success', data: activeNotifications(options) } }),
    }),
    defineRoute({
      method: 'GET',
      path: '/api/v1/notifications/live',
      permission: 'view',
      errors: 'prometheus',
      summary: 'The same, followed as server-sent events',
      timeoutMs: Number.POSITIVE_INFINITY,
      handle: (context) => follow(options, followers, context),
    }),
  ]
}

/** Beyond the limit 204, which tells a browser's EventSource not to come again. */
function follow(options: NotificationsOptions, followers: Set<AbortSignal>, { signal }: RequestContext): Answer {
  if (followers.size >= maxFollowers) return { status: 204 }
  followers.add(signal)
  signal.addEventListener('abort', () => followers.delete(signal), { once: true })
  return {
    headers: { 'content-type': 'text/event-stream; charset=utf-8', 'x-accel-buffering': 'no' },
    body: notificationEvents(options, { signal }),
  }
}
