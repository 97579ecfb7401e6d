module workflow

go 1.23

require eloq v1.0.0

replace eloq => ./client
