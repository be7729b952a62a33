import type { KeyboardEvent } from 'react'
import './tab-row.css'

interface TabRowProps<Id extends string> {
  readonly name: string
  readonly tabs: readonly { readonly id: Id; readonly title: string }[]
  readonly active: Id
  readonly onChoose: (id: Id) => void
}

/** Tabs whose choice stands in the URL; arrows move between them, Tab goes on to what they show. */
export function TabRow<Id extends string>({ name, tabs, active, onChoose }: TabRowProps<Id>) {
  return (
    <div className="tabs" role="tablist" aria-label={name}>
      {tabs.map(({ id, title }) => (
        <button
          key={id}
          type="button"
          role="tab"
          className="tab"
          aria-selected={id === active}
          tabIndex={id === active ? 0 : -1}
          onKeyDown={moveFocus}
          onClick={() => onChoose(id)}
        >
          {title}
        </button>
      ))}
    </div>
  )
}

function moveFocus(event: KeyboardEvent<HTMLButtonElement>): void {
  const { currentTarget: tab } = event
  const next =
    event.key === 'ArrowRight' ? tab.nextElementSibling : event.key === 'ArrowLeft' ? tab.previousElementSibling : null
  if (!(next instanceof HTMLElement)) return
  event.preventDefault()
  next.focus()
  next.click()
}
