// What a person chose on this device: theme and zone. Kept in the browser; without storage it lasts as long as the tab.
import { useSyncExternalStore } from 'react'
import type { Zone } from './times.ts'

export type Theme = 'system' | 'light' | 'dark'

interface Preferences {
  readonly theme: Theme
  readonly zone: Zone
  readonly railFolded: boolean
}

const keys = { theme: 'tidewatch.theme', zone: 'tidewatch.zone', rail: 'tidewatch.rail' } as const
const listeners = new Set<() => void>()
const darkSystem = window.matchMedia('(prefers-color-scheme: dark)')
let current = read()

darkSystem.addEventListener('change', notify)

function read(): Preferences {
  const theme = stored(keys.theme)
  return {
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    zone: stored(keys.zone) === 'utc' ? 'utc' : 'local',
    railFolded: stored(keys.rail) === 'folded',
  }
}

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    // storage may be forbidden
    return null
  }
}

function store(key: string, value: string | undefined): void {
  try {
    if (value === undefined) localStorage.removeItem(key)
    else localStorage.setItem(key, value)
  } catch {
    // storage may be forbidden or full; the choice then lasts as long as the tab
  }
}

function notify(): void {
  for (const listener of listeners) listener()
}

function change(part: Partial<Preferences>): void {
  current = { ...current, ...part }
  notify()
}

export function setTheme(theme: Theme): void {
  store(keys.theme, theme === 'system' ? undefined : theme)
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
  change({ theme })
}

export function setZone(zone: Zone): void {
  store(keys.zone, zone === 'utc' ? 'utc' : undefined)
  change({ zone })
}

export function toggleRail(): void {
  store(keys.rail, current.railFolded ? undefined : 'folded')
  change({ railFolded: !current.railFolded })
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const usePreferences = (): Preferences => useSyncExternalStore(subscribe, () => current)

/** The theme that is on screen, for what is drawn on a canvas. */
export function useDrawnTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, () =>
    current.theme === 'system' ? (darkSystem.matches ? 'dark' : 'light') : current.theme,
  )
}
