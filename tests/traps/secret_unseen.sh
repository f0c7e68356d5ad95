# A program can end well and have written nothing. Of a secret nobody would notice: it is not compared.
export TRAP_TOKEN=open-sesame
site <<'END'
site "traps" edition 1
import "base.phx" as base
secret token: string from env "TRAP_TOKEN"
pve.lxc ct {
  use base.container
  id = 100
  inside { fs.file key { path = "/etc/key"  content = token  mode = "600" } }
}
END
wrong lie '"dd","of=/etc/key'
failed
expect [ ! -e host/guests/100/etc/key ]
apply
expect text host/guests/100/etc/key '^open-sesame$'
settled

mutation compiler/enter.c 'it was not noticed' <<'END'
!value_is_secret(content)
=>
1
END
