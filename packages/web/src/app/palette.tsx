import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { type KeyboardEvent, useState } from 'react'
import { metricNamesQuery } from '../data/prometheus.ts'
import { linkSearch, parseSearch } from '../data/search.ts'
import { usePageRange } from '../data/use-range.ts'
import { pages } from '../pages/registry.ts'
import { setTheme, setZone, toggleRail } from '../ui/preferences.ts'
import { findItems, type PaletteItem, pageItems, recentFirst, rememberItem } from './palette-model.ts'
import { useShell } from './shell-state.ts'
import './palette.css'

const actions: readonly PaletteItem[] = [
  { id: 'live', group: 'Actions', title: 'Go live', words: 'auto refresh now follow' },
  { id: 'time', group: 'Actions', title: 'Change the time range', words: 'when period', detail: 't' },
  { id: 'light', group: 'Actions', title: 'Light theme', words: 'colour color white' },
  { id: 'dark', group: 'Actions', title: 'Dark theme', words: 'colour color black night' },
  { id: 'system', group: 'Actions', title: "System's theme", words: 'colour color automatic' },
  { id: 'utc', group: 'Actions', title: 'Show times in UTC', words: 'zone timezone' },
  { id: 'local', group: 'Actions', title: 'Show local times', words: 'zone timezone' },
  { id: 'rail', group: 'Actions', title: 'Fold or unfold the rail', words: 'sidebar navigation', detail: '[' },
  { id: 'keys', group: 'Actions', title: 'Show the keyboard', words: 'shortcuts help', detail: '?' },
]

/** Search: pages, actions, metrics; a query can be run right from it. */
export function Palette() {
  const { overlay, open } = useShell()
  return (
    <Dialog.Root open={overlay === 'palette'} onOpenChange={(isOpen) => open(isOpen ? 'palette' : undefined)}>
      <Dialog.Portal>
        <Dialog.Overlay className="dialog-shade" />
        <Dialog.Content className="palette pop" aria-describedby={undefined}>
          <Dialog.Title className="hidden-text">Search</Dialog.Title>
          <PaletteBody />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

function PaletteBody() {
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const { recent, choose } = useChoose()
  const { data: metrics } = useQuery(metricNamesQuery)
  const found = findItems(text, [...pageItems(pages), ...actions], metrics ?? [])
  const items = text.trim() === '' ? recentFirst(found, recent) : found
  const place = Math.min(at, Math.max(0, items.length - 1))
  const onKeyDown = (event: KeyboardEvent) => {
    const item = items[place]
    if (event.key === 'ArrowDown') setAt((place + 1) % Math.max(1, items.length))
    else if (event.key === 'ArrowUp') setAt((place - 1 + items.length) % Math.max(1, items.length))
    else if (event.key === 'Enter' && item !== undefined) choose(item, event.ctrlKey || event.metaKey)
    else return
    event.preventDefault()
  }
  return (
    <>
      <div className="palette-input">
        <Search className="icon third" aria-hidden />
        <input
          // biome-ignore lint/a11y/noAutofocus: a search that was asked for is where typing goes
          autoFocus
          role="combobox"
          aria-expanded
          aria-controls="palette-list"
          aria-activedescendant={items[place] === undefined ? undefined : `palette-${place}`}
          aria-label="Search pages, actions and metrics"
          placeholder="Search pages, actions and metrics, or write a query"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => {
            setText(event.target.value)
            setAt(0)
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <PaletteList items={items} place={place} onPoint={setAt} onChoose={choose} />
      {items.length === 0 && <p className="palette-none second">Nothing has “{text}” in its name.</p>}
    </>
  )
}

interface PaletteListProps {
  readonly items: readonly PaletteItem[]
  readonly place: number
  readonly onPoint: (place: number) => void
  readonly onChoose: (item: PaletteItem, newTab: boolean) => void
}

function PaletteList({ items, place, onPoint, onChoose }: PaletteListProps) {
  return (
    <div id="palette-list" className="palette-list" role="listbox" aria-label="Results">
      {items.map((item, index) => (
        <div key={item.id} role="presentation">
          {item.group !== items[index - 1]?.group && (
            <div className="palette-group tiny third" role="presentation">
              {item.group}
            </div>
          )}
          {/* biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys, as in every combobox */}
          {/* biome-ignore lint/a11y/useFocusableInteractive: focus stays in the input, aria-activedescendant tells where it is */}
          <div
            id={`palette-${index}`}
            role="option"
            aria-selected={index === place}
            className="palette-item"
            ref={index === place ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
            onPointerMove={() => onPoint(index)}
            onClick={(event) => onChoose(item, event.ctrlKey || event.metaKey)}
          >
            <span className={`cut ${item.group === 'Metrics' || item.group === 'Query' ? 'mono' : ''}`}>
              {item.title}
            </span>
            {item.detail !== undefined && <span className="third small end nowrap">{item.detail}</span>}
          </div>
        </div>
      ))}
    </div>
  )
}

let recentIds: readonly string[] = []

function useChoose() {
  const { open } = useShell()
  const { setLive } = usePageRange()
  const navigate = useNavigate()
  const choose = (item: PaletteItem, newTab: boolean) => {
    recentIds = rememberItem(recentIds, item.id)
    open(undefined)
    if (item.href !== undefined && newTab) {
      window.open(item.href, '_blank', 'noopener')
      return
    }
    if (item.href !== undefined) {
      const [path = '/', query = ''] = item.href.split('?')
      const part = parseSearch(query)
      // a range of its own takes the place of the page's, whichever kind that is
      const free = part.range === undefined ? {} : { from: undefined, to: undefined, live: undefined }
      return void navigate({ to: path, search: linkSearch({ ...free, ...part }) })
    }
    runAction(item.id, { setLive, open })
  }
  return { recent: recentIds, choose }
}

function runAction(
  id: string,
  shell: { setLive: (live: boolean) => void; open: (overlay: 'time' | 'keys') => void },
): void {
  if (id === 'live') shell.setLive(true)
  else if (id === 'time' || id === 'keys') shell.open(id)
  else if (id === 'light' || id === 'dark' || id === 'system') setTheme(id)
  else if (id === 'utc' || id === 'local') setZone(id)
  else if (id === 'rail') toggleRail()
}
