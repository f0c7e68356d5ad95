vim9script
# Prints what the syntax file makes of files: FILE LINE and a letter for each byte of the line, a blank where it has no class.
# Reads the names of the files from $PHX_FILES and writes to $PHX_CLASSES.

const letters = {
  phxKeyword: 'k', phxDeclaration: 'k', phxValue: 'v', phxNumber: 'n', phxUnit: 'u', phxAddress: 'a', phxString: 's', phxLineBlock: 's',
  phxEscape: 'e', phxHoleSign: 'h', phxComment: 'c', phxDoc: 'd', phxOperator: 'o', phxPunctuation: 'o',
  phxName: 'i', phxType: 'i', phxAttribute: 'i', phxCall: 'i', phxBad: 'b', phxBadEscape: 'b',
  phxHole: ' ', phxBraces: ' ', phxLineHole: ' ', phxLineBraces: ' ',
}

var by_number: dict<string> = {'0': ' '}

def LetterOf(number: number): string
  if !has_key(by_number, number)
    by_number[number] = get(letters, synIDattr(number, 'name'), '?')
  endif
  return by_number[number]
enddef

def LineClasses(line: number): string
  return range(1, col([line, '$']) - 1)->mapnew((_, column) => LetterOf(synID(line, column, false)))->join('')
enddef

def FileClasses(path: string): list<string>
  execute 'edit' fnameescape(path)
  return range(1, line('$'))->mapnew((_, line) => path .. ' ' .. line .. ' ' .. LineClasses(line))
enddef

set encoding=utf-8 fileencodings=utf-8 synmaxcol=0 redrawtime=60000
filetype plugin on
syntax on
readfile($PHX_FILES)->mapnew((_, path) => FileClasses(path))->flattennew()->writefile($PHX_CLASSES)
quitall!
