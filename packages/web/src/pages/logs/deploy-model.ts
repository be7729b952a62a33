// Deploys in words, and where they stand in a span. No React here.
import type { Deploy } from '@tidewatch/api/deploys.ts'

/** `shop 1.1 in live`. */
export const deployTitle = ({ service, release, environment }: Deploy): string =>
  `${service} ${release}${environment === '' ? '' : ` in ${environment}`}`

export interface DeployMark {
  readonly deploy: Deploy
  /** From the beginning of the span, 0 to 1. */
  readonly share: number
}

/** Oldest first, those within the span. */
export function deployMarks(
  deploys: readonly Deploy[],
  { startMs, endMs }: { readonly startMs: number; readonly endMs: number },
): DeployMark[] {
  return deploys
    .filter(({ atMs }) => atMs >= startMs && atMs < endMs)
    .map((deploy) => ({ deploy, share: (deploy.atMs - startMs) / Math.max(1, endMs - startMs) }))
    .sort((a, b) => a.share - b.share)
}
