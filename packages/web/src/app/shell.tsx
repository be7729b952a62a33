import { Outlet, useRouterState } from '@tanstack/react-router'
import { useEffect, useMemo, useState } from 'react'
import { pages } from '../pages/registry.ts'
import { usePreferences } from '../ui/preferences.ts'
import { KeysDialog } from './keys-dialog.tsx'
import { NowBar } from './now-bar.tsx'
import { Palette } from './palette.tsx'
import { Rail } from './rail.tsx'
import { type Overlay, ShellContext } from './shell-state.ts'
import { TabBar } from './tab-bar.tsx'
import { TopBar } from './top-bar.tsx'
import { useFiringCount } from './use-firing.ts'
import { useShortcuts } from './use-shortcuts.ts'
import './shell.css'

/** The quiet frame of every page: rail, top bar, now bar; on a phone tabs below. */
export function Shell() {
  const [overlay, open] = useState<Overlay | undefined>(undefined)
  const state = useMemo(() => ({ overlay, open }), [overlay])
  const { railFolded } = usePreferences()
  const path = useRouterState({ select: (router) => router.location.pathname })
  useShortcuts(open)
  useTitle(path)
  return (
    <ShellContext value={state}>
      <a className="skip-link button" href="#main">
        Skip to the page
      </a>
      <div className={`shell ${railFolded ? 'folded' : ''}`}>
        <Rail />
        <div className="shell-page">
          <TopBar />
          {path !== '/' && !path.startsWith('/alerts/') && <NowBar />}
          <main id="main" className="main" tabIndex={-1}>
            <Outlet />
          </main>
        </div>
      </div>
      <TabBar />
      <Palette />
      <KeysDialog />
    </ShellContext>
  )
}

function useTitle(path: string): void {
  const firing = useFiringCount()
  const title = pages.find((page) => page.path === path || path.startsWith(`${page.path}/`))?.title ?? 'Tidewatch'
  useEffect(() => {
    document.title = `${firing > 0 ? `(${firing}) ` : ''}${title} · Tidewatch`
  }, [title, firing])
}
