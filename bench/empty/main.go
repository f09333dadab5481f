// Command empty does nothing: what it takes to start and end is the least that any Go program takes.
package main

func main() {}
