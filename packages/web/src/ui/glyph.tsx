import type { ReactElement } from 'react'

/** What a state is; each has a shape of its own, so that colour is never needed to tell them apart. */
export type State = 'critical' | 'high' | 'warning' | 'info' | 'fine' | 'pending' | 'acknowledged' | 'held' | 'no-data'

const tones: Record<State, string> = {
  critical: 'crit',
  high: 'warn',
  warning: 'warn',
  info: 'second',
  fine: 'ok',
  pending: 'warn',
  acknowledged: 'tide',
  held: 'third',
  'no-data': 'third',
}

const line = {
  stroke: 'currentColor',
  strokeWidth: 1.5,
  strokeLinecap: 'round',
  strokeLinejoin: 'round',
  fill: 'none',
} as const

const shapes: Record<State, ReactElement> = {
  critical: (
    <>
      <path fill="currentColor" d="M7 .4 13.6 7 7 13.6.4 7Z" />
      <path stroke="var(--page)" strokeWidth="1.6" strokeLinecap="round" d="M7 4v3.4M7 9.9v.1" />
    </>
  ),
  high: <path fill="currentColor" d="M7 1 13.5 12.5H.5Z" />,
  warning: (
    <>
      <path {...line} d="M7 1.8 12.7 12H1.3Z" />
      <path {...line} d="M7 5.6V8M7 10v.1" />
    </>
  ),
  info: (
    <>
      <circle {...line} cx="7" cy="7" r="5.3" />
      <path {...line} d="M7 6.5v3M7 4.3v.1" />
    </>
  ),
  fine: (
    <>
      <circle {...line} cx="7" cy="7" r="5.3" />
      <path {...line} d="m4.7 7.2 1.6 1.6 3-3.4" />
    </>
  ),
  pending: (
    <>
      <circle {...line} cx="7" cy="7" r="5.3" strokeDasharray="2.2 2" />
      <path fill="currentColor" d="M7 7V2.7A4.3 4.3 0 0 1 11.3 7Z" />
    </>
  ),
  acknowledged: (
    <>
      <path {...line} d="M7 1.1 12.9 7 7 12.9 1.1 7Z" />
      <path {...line} d="m4.9 7.1 1.5 1.5 2.8-3" />
    </>
  ),
  held: (
    <>
      <path
        {...line}
        d="M3.6 4.6C3.4 5.1 3.4 5.6 3.4 6c0 2.9-1.2 3.9-1.2 3.9h7M5 2.4A3.3 3.3 0 0 1 10.6 5c0 1.3.2 2.2.5 2.9"
      />
      <path {...line} d="M5.8 12a1.4 1.4 0 0 0 2.4 0M2 2l10 10" />
    </>
  ),
  'no-data': <circle {...line} cx="7" cy="7" r="5.3" strokeDasharray="1.8 2.4" />,
}

/** The shape of a state. Give it a name where no word stands beside it. */
export function Glyph({ state, name }: { readonly state: State; readonly name?: string }) {
  const className = `glyph ${tones[state]}`
  if (name === undefined) {
    return (
      <svg className={className} viewBox="0 0 14 14" aria-hidden="true">
        {shapes[state]}
      </svg>
    )
  }
  return (
    <svg className={className} viewBox="0 0 14 14" role="img" aria-label={name}>
      {shapes[state]}
    </svg>
  )
}

/** Shape and word. What is fine stays quiet. */
export function StateWord({ state, children }: { readonly state: State; readonly children: string }) {
  return (
    <span
      className={`state-word small nowrap ${state === 'fine' || state === 'held' || state === 'no-data' ? 'second' : `label ${tones[state]}`}`}
    >
      <Glyph state={state} /> {children}
    </span>
  )
}

/** The state that a `severity` label asks for; an alert without one is a warning. */
export function severityState(severity: string | undefined): State {
  switch (severity?.toLowerCase()) {
    case 'critical':
    case 'page':
    case 'sev1':
    case 'emergency':
    case 'fatal':
      return 'critical'
    case 'high':
    case 'error':
    case 'major':
    case 'sev2':
      return 'high'
    case 'info':
    case 'low':
    case 'none':
    case 'notice':
    case 'sev4':
      return 'info'
    default:
      return 'warning'
  }
}
