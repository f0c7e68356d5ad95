" Syntax of phx. `make editors` makes phx.vim of lang/editors/phx.vim.in and the tables of the compiler's scanner.
if exists('b:current_syntax')
  finish
endif
syn case match
syn iskeyword A-Z,a-z,48-57,_
syn sync fromstart

" Of the patterns that match at one place the last counts, so what is longer stands last. `\%#=1` asks for the engine that is fast with
" what looks back or forward: the other one takes a hundred times as long.
syn match phxBad /[^ \t\r0-9A-Za-z_]/
syn match phxOperator /\v\=\=|\!\=|\<\=|\>\=|\?\?|\.\.|\?\.|\<|\>|\+|\-|\*|\/|\%|\.|\,|\:|\?|\=|\||\(|\)|\[|\]|\{|\}/
syn match phxPunctuation /\v[][(){},:]|\.\.@!/
syn match phxBad /\v:\=|\=\>|-\>|\|\||\/\*/
syn match phxBad /\v\$\{?\h\w*%(\.\h\w*)*\}?/
syn match phxBad /`[^`]*`/
syn match phxBad /[\u2018\u2019\u201c\u201d][^\u2018\u2019\u201c\u201d"]*[\u2018\u2019\u201c\u201d"]\?/

" ---- names and words ----

syn match phxName /\h\w*/
syn match phxType /\%#=1\v\h\w*%(%(\.\h\w*)*\s+%(%(and|or|in|is|if|then|else|for|with|where)\w@!)@!\h\w*%(\[[^][{}]*\])?\s*\{)@=/
syn match phxAttribute /\%#=1\v%(: |\.)@2<!\h\w*%(\s*\=\=@!|\s*\??:)@=/
syn match phxCall /\h\w*(\@=/

" A word that begins declarations is a name elsewhere: it is told by what stands around it.
syn match phxDeclaration /\%#=1\v%(%(^|[{}])\s*|[^ \t:=|,.([]\s{2,})@<=%(site|edition|param|secret|import|json|optional|as|policy|deny|test|set|facts|read|expect|fact|on|type|schema|component|profile|use|absent|assert|output|lint|ignore|inside|phase|after|from)%(\s*\{|\s+[[(]|\s+-\S|\s+if\w@!)@=/
syn match phxDeclaration /\%#=1\v\.@1<!%(site|edition|param|secret|import|json|optional|as|policy|deny|test|set|facts|read|expect|fact|on|type|schema|component|profile|use|absent|assert|output|lint|ignore|inside|phase|after|from)%(\s+["'0-9A-Za-z_])@=%(\s+%(and|or|in|is|if|then|else|for|with|where)\w@!)@!/
syn match phxDeclaration /\%#=1\v%([:=|] )@2<=%(site|edition|param|secret|import|json|optional|as|policy|deny|test|set|facts|read|expect|fact|on|type|schema|component|profile|use|absent|assert|output|lint|ignore|inside|phase|after|from)%(\s+[[(])@=/
syn match phxName /\%#=1\v%(\= )@2<=%(site|edition|param|secret|import|json|optional|as|policy|deny|test|set|facts|read|expect|fact|on|type|schema|component|profile|use|absent|assert|output|lint|ignore|inside|phase|after|from)%(\s{2}|\s+\h\w*\s*\??\s*[:=])@=/
syn match phxName /\%#=1\v%([:|] )@2<=%(site|edition|param|secret|import|json|optional|as|policy|deny|test|set|facts|read|expect|fact|on|type|schema|component|profile|use|absent|assert|output|lint|ignore|inside|phase|after|from)%(\s+\h\w*\s*\??\s*:)@=/
syn match phxKeyword /\%#=1\v%(and|or|not|in|is|if|then|else|for|with|where|fn|let)\w@!/
syn match phxValue /\v%(true|false|none|unset)\w@!/

" ---- numbers and addresses ----

syn match phxBad /\v[0-9][0-9_]*%(\.[0-9][0-9_]*)?%(\%|[eE][-+][0-9]+|\a+\/s\w@!|\h\w*)?/
syn match phxNumber /\%#=1\v%(0|[1-9]%(_?[0-9])*)@>%(%(\.[0-9]%(_?[0-9])*)?)@>%([eE][-+][0-9]+|%([eE][0-9]+)?\w@!)/
syn match phxNumber /\%#=1\v%(0|[1-9]%(_?[0-9])*)@>%(%(\.[0-9]%(_?[0-9])*)?)@>%(%(TiB|TB|GiB|GB|MiB|MB|KiB|KB|B)\/s\w@!|%(TiB|TB|GiB|GB|MiB|MB|KiB|KB|B|d|h|m|s|ms)%(\w|\/s\w@!)@!|\%)@=/ nextgroup=phxUnit
syn match phxUnit /\%#=1\v%(TiB|TB|GiB|GB|MiB|MB|KiB|KB|B)\/s\w@!|%(TiB|TB|GiB|GB|MiB|MB|KiB|KB|B|d|h|m|s|ms)\w@!|\%/ contained
syn match phxBad /\%#=1\v%(\x{0,4}::|\x{1,4}%(:\x{1,4}){3,})[0-9A-Fa-f:]*%(\/\d+)?|\x\x%(:\x\x){2}/
syn match phxAddress /\%#=1\v%(\x\x:){5}\x\x%(\x|:|\/\d)@!/
syn match phxBad /\v\d+%(\.\d+){2,}%(\/\d+)?/
syn match phxAddress /\%#=1\v%(%(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}%(25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)%(\/%(3[0-2]|[12]?\d))?%(\.?\d|\/\d)@!/

" ---- strings ----

syn cluster phxCode contains=phxAddress,phxAttribute,phxBad,phxCall,phxComment,phxDeclaration,phxDoc,phxKeyword,phxName,phxNumber,phxOperator,phxPunctuation,phxString,phxType,phxValue

syn match phxBadEscape /\v\\%(u\{[^}"]*\}|.)/ contained
syn match phxEscape /\v\\%([nt"\\{}]|u\{\x{1,6}\})/ contained
syn match phxString /'[^']*'\?/
syn region phxString excludenl start=/"/ end=/"\|$/ contains=phxBadEscape,phxEscape,phxLineHole
syn region phxString start=/'''/ end=/'''/
syn region phxString start=/"""/ end=/"""/ contains=phxBadEscape,phxEscape,phxHole
syn region phxHole matchgroup=phxHoleSign start=/{/ end=/}/ contained contains=@phxCode,phxBraces
syn region phxBraces matchgroup=phxPunctuation start=/{/ end=/}/ contained contains=@phxCode,phxBraces

" In a hole of a string that ends with its line everything ends with it.
syn region phxLineHole excludenl matchgroup=phxHoleSign start=/{/ end=/}\|$/ contained contains=@phxCode,phxLineBraces,phxLineBlock
syn region phxLineBraces excludenl matchgroup=phxPunctuation start=/{/ end=/}\|$/ contained contains=@phxCode,phxLineBraces,phxLineBlock
syn match phxLineBlock excludenl /'''.\{-}\('''\|$\)/ contained
syn region phxLineBlock excludenl start=/"""/ end=/"""\|$/ contained contains=phxBadEscape,phxEscape,phxLineHole

" ---- comments ----

syn match phxBad /#.*/
syn match phxComment /\/\/.*/ contains=@Spell
syn match phxDoc /\/\/\/\/\@!.*/ contains=@Spell

hi def link phxAddress Number
hi def link phxAttribute Identifier
hi def link phxBad Error
hi def link phxBadEscape Error
hi def link phxCall Function
hi def link phxComment Comment
hi def link phxDeclaration Statement
hi def link phxDoc SpecialComment
hi def link phxEscape SpecialChar
hi def link phxHoleSign Delimiter
hi def link phxKeyword Keyword
hi def link phxLineBlock String
hi def link phxNumber Number
hi def link phxOperator Operator
hi def link phxString String
hi def link phxType Type
hi def link phxUnit Number
hi def link phxValue Constant

let b:current_syntax = 'phx'
