// What whoever holds a link may do: see what it is about, and take it.
import type { Clock } from '@tidewatch/core/clock.ts'
import type { Acknowledgement, Acknowledgements, FiringAlert, FiringAlerts } from '../port.ts'
import { type AcknowledgeTokens, groupHashOf } from './token.ts'

export const acknowledgePath = '/acknowledge'

export interface AcknowledgeLinksOptions {
  readonly tokens: AcknowledgeTokens
  readonly acknowledgements: Acknowledgements
  readonly alerts: FiringAlerts
  readonly clock: Clock
  readonly externalUrl: () => string
}

/** What a link is about, as of now. */
export interface LinkedAlerts {
  readonly person: string | undefined
  /** Those of the message that still fire. */
  readonly firing: readonly FiringAlert[]
  readonly taken: readonly Acknowledgement[]
}

export interface AcknowledgeLinks {
  /** For a message about a group as it is now; `person`: whom alone it reaches. */
  url(groupKey: string, person?: string): string
  /** Throws `access.link_expired`. */
  look(token: string): LinkedAlerts
  /** Takes what the message told and still fires; nothing to take is no error. A link to one person says who it was. */
  take(
    token: string,
    who: { readonly by: string; readonly via: string; readonly note: string },
  ): Promise<LinkedAlerts & { readonly added: readonly Acknowledgement[]; readonly by: string }>
}

export function createAcknowledgeLinks(options: AcknowledgeLinksOptions): AcknowledgeLinks {
  const { tokens, acknowledgements, alerts, clock, externalUrl } = options
  const look = (token: string): LinkedAlerts => {
    const { groupHash, person, issuedAtMs } = tokens.read(token, clock.nowMs())
    const keys = [...alerts.groupKeys()].filter((key) => groupHashOf(key) === groupHash)
    // what began later was in no message that had this link
    const firing = keys.flatMap((key) => alerts.inGroup(key)).filter(({ startsAtMs }) => startsAtMs <= issuedAtMs)
    const taken = firing.map(({ fingerprint }) => acknowledgements.of(fingerprint)).filter((one) => one !== undefined)
    return { person, firing, taken }
  }
  return {
    url: (groupKey, person) => `${externalUrl()}${acknowledgePath}?t=${tokens.issue(groupKey, clock.nowMs(), person)}`,
    look,
    async take(token, who) {
      const seen = look(token)
      const by = seen.person ?? who.by
      if (seen.firing.length === 0) return { ...seen, added: [], by }
      const fingerprints = seen.firing.map(({ fingerprint }) => fingerprint)
      const added = await acknowledgements.acknowledge({ fingerprints }, { ...who, by })
      return { ...look(token), added, by }
    },
  }
}

/** The token in a link, or the text itself: buttons of chats carry either. */
export function tokenOf(text: string): string {
  const at = text.indexOf(`${acknowledgePath}?t=`)
  return at === -1 ? text : text.slice(at + acknowledgePath.length + 3)
}
