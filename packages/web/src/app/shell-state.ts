import { createContext, useContext } from 'react'

/** What is open above the page; one at a time. */
export type Overlay = 'palette' | 'time' | 'keys' | 'more'

export interface ShellState {
  readonly overlay: Overlay | undefined
  readonly open: (overlay: Overlay | undefined) => void
}

export const ShellContext = createContext<ShellState>({ overlay: undefined, open: () => {} })

export const useShell = (): ShellState => useContext(ShellContext)
