// Which keys do what. No React here.
import { pages } from '../pages/registry.ts'

export type Command =
  | { readonly kind: 'go'; readonly path: string }
  | { readonly kind: 'palette' | 'time' | 'keys' | 'rail' }
  | { readonly kind: 'prefix' }

export interface Key {
  readonly key: string
  readonly ctrl: boolean
  /** Whether a text is being typed. */
  readonly typing: boolean
  /** Whether `g` was pressed just before. */
  readonly afterG: boolean
}

/** What a key means; undefined leaves it to the page. */
export function commandOf({ key, ctrl, typing, afterG }: Key): Command | undefined {
  if (ctrl) return key.toLowerCase() === 'k' ? { kind: 'palette' } : undefined
  if (typing) return undefined
  if (afterG) {
    const page = pages.find(({ letter }) => letter === key)
    return page === undefined ? undefined : { kind: 'go', path: page.path }
  }
  switch (key) {
    case 'g':
      return { kind: 'prefix' }
    case '/':
      return { kind: 'palette' }
    case 't':
      return { kind: 'time' }
    case '?':
      return { kind: 'keys' }
    case '[':
      return { kind: 'rail' }
    default:
      return undefined
  }
}

/** How long `g` waits for its letter. */
export const prefixMs = 1500

export const keyTable: readonly { readonly keys: readonly string[]; readonly does: string }[] = [
  { keys: ['Ctrl K', '/'], does: 'Search pages, actions and metrics' },
  { keys: ['t'], does: 'Change the time range' },
  { keys: ['['], does: 'Fold or unfold the rail' },
  ...pages.map(({ letter, title }) => ({ keys: ['g', letter], does: `Go to ${title}` })),
  { keys: ['j', 'k', 'Enter'], does: 'Move in a table, open a row' },
  { keys: ['w', 'c'], does: 'On a line of a log: wrap lines, show what stood around it' },
  { keys: ['←', '→'], does: 'Move the cursor of a chart' },
  { keys: ['Ctrl Enter'], does: 'Run the query' },
  { keys: ['?'], does: 'Show these keys' },
]
