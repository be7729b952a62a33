import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { linkSearch } from '../data/search.ts'
import { toggleRail } from '../ui/preferences.ts'
import type { Overlay } from './shell-state.ts'
import { commandOf, prefixMs } from './shortcuts.ts'

/** Listens to the keys of the whole page. */
export function useShortcuts(open: (overlay: Overlay) => void): void {
  const navigate = useNavigate()
  const prefixAtMs = useRef(Number.NEGATIVE_INFINITY)
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.altKey || event.defaultPrevented) return
      const afterG = event.timeStamp - prefixAtMs.current < prefixMs
      prefixAtMs.current = Number.NEGATIVE_INFINITY
      const command = commandOf({
        key: event.key,
        ctrl: event.ctrlKey || event.metaKey,
        typing: isTyping(event.target),
        afterG,
      })
      if (command === undefined) return
      if (command.kind === 'prefix') {
        prefixAtMs.current = event.timeStamp
        return
      }
      event.preventDefault()
      if (command.kind === 'go')
        void navigate({
          to: command.path,
          search: linkSearch(),
        })
      else if (command.kind === 'rail') toggleRail()
      else open(command.kind)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [navigate, open])
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || target.closest('input, textarea, select, [role=dialog], [role=menu]') !== null
}
