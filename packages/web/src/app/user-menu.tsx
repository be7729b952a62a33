import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Check, Keyboard, LogOut, Settings } from 'lucide-react'
import { DropdownMenu } from 'radix-ui'
import { buildInfoQuery } from '../data/prometheus.ts'
import { sessionQuery, useSignOut } from '../data/session.ts'
import { setTheme, type Theme, usePreferences } from '../ui/preferences.ts'
import { useToast } from '../ui/toasts.tsx'
import { useShell } from './shell-state.ts'

const roleWords = { viewer: 'Viewer', editor: 'Editor', admin: 'Administrator' } as const

const themes: readonly { readonly theme: Theme; readonly title: string }[] = [
  { theme: 'system', title: "System's theme" },
  { theme: 'light', title: 'Light' },
  { theme: 'dark', title: 'Dark' },
]

/** Who is signed in; theme, keys, sign out. */
export function UserMenu() {
  const { data: session } = useQuery(sessionQuery)
  if (session == null) return null
  const { name, role } = session.user
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className="rail-user" aria-label={`${name}, ${roleWords[role]}: account and theme`}>
        <span className="avatar" aria-hidden>
          {initials(name)}
        </span>
        <span className="small cut">
          <span className="label">{name}</span>
          <br />
          <span className="third">{session.authRequired ? roleWords[role] : 'Signing in is off'}</span>
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content className="menu" side="top" align="start" sideOffset={6} collisionPadding={8}>
          <MenuItems authRequired={session.authRequired} />
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  )
}

function MenuItems({ authRequired }: { readonly authRequired: boolean }) {
  const { theme: chosen } = usePreferences()
  const { data: build } = useQuery(buildInfoQuery)
  const { open } = useShell()
  const navigate = useNavigate()
  const signOut = useSignOut()
  const toast = useToast()
  const leave = () =>
    signOut.mutate(undefined, {
      onError: (error) => toast({ text: `Not signed out: ${error.message}`, tone: 'error' }),
    })
  return (
    <>
      <DropdownMenu.RadioGroup
        value={chosen}
        onValueChange={(value) => setTheme(themes.find(({ theme }) => theme === value)?.theme ?? 'system')}
      >
        <DropdownMenu.Label className="menu-label tiny third">Theme</DropdownMenu.Label>
        {themes.map(({ theme, title }) => (
          <DropdownMenu.RadioItem key={theme} value={theme} className="menu-item">
            <Check className="icon" style={{ visibility: theme === chosen ? 'visible' : 'hidden' }} aria-hidden />{' '}
            {title}
          </DropdownMenu.RadioItem>
        ))}
      </DropdownMenu.RadioGroup>
      <DropdownMenu.Separator className="menu-line" />
      <DropdownMenu.Item className="menu-item" onSelect={() => void navigate({ to: '/settings' })}>
        <Settings className="icon" aria-hidden /> Settings
      </DropdownMenu.Item>
      <DropdownMenu.Item className="menu-item" onSelect={() => open('keys')}>
        <Keyboard className="icon" aria-hidden /> Keyboard <span className="kbd">?</span>
      </DropdownMenu.Item>
      {authRequired && (
        <DropdownMenu.Item className="menu-item" onSelect={leave}>
          <LogOut className="icon" aria-hidden /> Sign out
        </DropdownMenu.Item>
      )}
      {build !== undefined && (
        <DropdownMenu.Label className="menu-label tiny third">Tidewatch {build.version}</DropdownMenu.Label>
      )}
    </>
  )
}

/** Two letters of a name: `mara.lindqvist` is ML. */
function initials(name: string): string {
  const parts = name.split(/[\s._@+-]+/).filter((part) => part !== '')
  const letters = parts.length > 1 ? `${parts[0]?.[0] ?? ''}${parts[1]?.[0] ?? ''}` : (parts[0]?.slice(0, 2) ?? '')
  return letters.toUpperCase()
}
