autocmd BufNewFile,BufRead *.phx setfiletype phx
