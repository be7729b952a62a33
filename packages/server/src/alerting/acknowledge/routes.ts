// Taking alerts: by those signed in, and by whoever holds a message's link.
import { acknowledge, acknowledgementList, acknowledgementParams } from '@tidewatch/api/acknowledgements.ts'
import { AppError } from '@tidewatch/core/error.ts'
import { z } from 'zod'
import { type Answer, defineRoute, type Route } from '../../http/port.ts'
import type { OpenAcknowledgements } from './acknowledge.ts'
import { type AcknowledgeLinks, acknowledgePath } from './links.ts'
import { askPage, brokenPage, takenPage } from './page.ts'

export const acknowledgementsPath = '/api/tidewatch/v1/alerts/acknowledgements'
const common = { errors: 'tidewatch' } as const
/** A token and a name. */
const formLimits = { maxBytes: 4096, maxInflatedBytes: 8192 }

export interface AcknowledgeRouteParts {
  readonly acknowledgements: () => OpenAcknowledgements
  readonly links: () => AcknowledgeLinks
}

export function createAcknowledgeRoutes({ acknowledgements, links }: AcknowledgeRouteParts): readonly Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: acknowledgementsPath,
      permission: 'view',
      summary: 'Who has taken which alerts.',
      response: acknowledgementList,
      handle: () => ({ body: { acknowledgements: acknowledgements().all() } }),
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: acknowledgementsPath,
      permission: 'edit',
      summary: 'Take alerts, by fingerprint or all that fire in a group: no repeats and no escalation until they end.',
      body: acknowledge,
      response: acknowledgementList,
      async handle({ body: { fingerprints, groupKey, note, via }, identity }) {
        const which = groupKey === undefined ? { fingerprints: fingerprints ?? [] } : { groupKey }
        const added = await acknowledgements().acknowledge(which, { by: identity.name, via, note })
        return { body: { acknowledgements: added } }
      },
    }),
    defineRoute({
      ...common,
      method: 'DELETE',
      path: `${acknowledgementsPath}/:fingerprint`,
      permission: 'edit',
      summary: 'Give an alert back: it repeats and escalates again.',
      params: acknowledgementParams,
      async handle({ params: { fingerprint }, identity }) {
        if (acknowledgements().of(fingerprint) === undefined)
          throw new AppError('state.not_found', 'nobody has taken this alert.', { where: { key: 'fingerprint' } })
        await acknowledgements().release([fingerprint], identity.name)
        return { status: 204 }
      },
    }),
    ...linkRoutes(links),
  ]
}

const linkQuery = z.object({ t: z.string().max(200) })
const linkForm = z.object({ t: z.string().max(200), name: z.string().max(100).default('') })

function linkRoutes(links: () => AcknowledgeLinks): readonly Route[] {
  return [
    defineRoute({
      ...common,
      method: 'GET',
      path: acknowledgePath,
      permission: 'public',
      summary: 'The page of an acknowledge link; opening it changes nothing.',
      query: linkQuery,
      handle: ({ query: { t } }) => orBroken(() => askPage(t, links().look(t))),
    }),
    defineRoute({
      ...common,
      method: 'POST',
      path: acknowledgePath,
      permission: 'public',
      summary: 'Takes the alerts of an acknowledge link.',
      bodyKind: 'form',
      limits: formLimits,
      body: linkForm,
      handle: ({ body: { t, name } }) =>
        orBroken(async () => {
          const by = name.trim() === '' ? 'somebody with the link' : name
          return takenPage(await links().take(t, { by, via: 'link', note: '' }))
        }),
    }),
  ]
}

/** A person opens it: what is wrong is a page too. */
async function orBroken(answer: () => Answer | Promise<Answer>): Promise<Answer> {
  try {
    return await answer()
  } catch (error) {
    if (error instanceof AppError && error.code === 'access.link_expired') return brokenPage(error.message, error.fix)
    throw error
  }
}
