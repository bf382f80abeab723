/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen_curses.c: see screen_curses.h. */
#include "screen_curses.h"

#include <errno.h>

#ifndef HAVE_NCURSES

int curses_open(void)
{
	return -ENOSYS;
}

void curses_close(void)
{
}

bool curses_key(unsigned *key)
{
	(void)key;
	return false;
}

void curses_size(unsigned *width, unsigned *height)
{
	*width = *height = 0;
}

void curses_draw(const struct frame *f)
{
	(void)f;
}

void curses_suspend(void)
{
}

void curses_resume(void)
{
}

#else

#define NCURSES_WIDECHAR 1
#include <curses.h>
#include <langinfo.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <term.h>
#undef columns /* term.h's macros for what terminals can do */
#undef lines
#include <termios.h>
#include <unistd.h>

#include "screen.h"
#include "utf8.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* What the signal handler needs to give the terminal back. */
static struct {
	volatile sig_atomic_t open;
	SCREEN *screen;
	struct termios modes;
	char reset[128]; /* what to send to the terminal */
	size_t reset_len;
	int stderr_fd;    /* the real one; -1: not held back */
	int held_back_fd; /* what goes to stderr meanwhile */
	bool utf8;
	attr_t attributes[STYLE_MAX];
	short pairs[STYLE_MAX];
} terminal = {.stderr_fd = -1, .held_back_fd = -1};

/* --- giving it back: async-signal-safe functions only */

static void release_stderr(void)
{
	char bytes[512];
	ssize_t n;

	if (terminal.stderr_fd < 0)
		return;
	dup2(terminal.stderr_fd, STDERR_FILENO);
	close(terminal.stderr_fd);
	terminal.stderr_fd = -1;
	lseek(terminal.held_back_fd, 0, SEEK_SET);
	while ((n = read(terminal.held_back_fd, bytes, sizeof(bytes))) > 0)
		if (write(STDERR_FILENO, bytes, (size_t)n) < 0)
			break;
	close(terminal.held_back_fd);
}

static void on_deadly_signal(int signal)
{
	if (terminal.open) {
		terminal.open = 0;
		tcsetattr(STDIN_FILENO, TCSANOW, &terminal.modes);
		if (write(STDOUT_FILENO, terminal.reset, terminal.reset_len) >= 0)
			release_stderr();
	}
	raise(signal); /* SA_RESETHAND: does now what it does by default */
}

static void catch_deadly_signals(void)
{
	static const int deadly[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
	struct sigaction action = {.sa_handler = on_deadly_signal, .sa_flags = SA_RESETHAND | SA_NODEFER};

	for (size_t i = 0; i < COUNT_OF(deadly); i++)
		sigaction(deadly[i], &action, NULL);
}

/* --- taking it */

static void hold_back_stderr(void)
{
	if (!isatty(STDERR_FILENO))
		return;
	terminal.held_back_fd = memfd_create("stderr", MFD_CLOEXEC);
	if (terminal.held_back_fd < 0)
		return;
	terminal.stderr_fd = dup(STDERR_FILENO);
	dup2(terminal.held_back_fd, STDERR_FILENO);
}

static int collect(int c)
{
	if (terminal.reset_len < sizeof(terminal.reset))
		terminal.reset[terminal.reset_len++] = (char)c;
	return c;
}

/* Keypad off, plain colours, cursor on, back to the screen that was there before. */
static void collect_reset(void)
{
	static const char *const names[] = {"rmkx", "op", "sgr0", "cnorm", "rmcup"};

	terminal.reset_len = 0;
	for (size_t i = 0; i < COUNT_OF(names); i++) {
		const char *sequence = tigetstr(names[i]);

		if (sequence && sequence != (char *)-1)
			tputs(sequence, 1, collect);
	}
}

static void set_style(enum style style, attr_t mono, attr_t colour, short foreground, short background)
{
	bool coloured = has_colors() && COLOR_PAIRS > (int)style && !(getenv("NO_COLOR") && *getenv("NO_COLOR"));

	terminal.attributes[style] = coloured ? colour : mono;
	terminal.pairs[style] = 0;
	if (coloured && (foreground >= 0 || background >= 0) && init_pair((short)style, foreground, background) == OK)
		terminal.pairs[style] = (short)style;
}

static void set_styles(void)
{
	if (has_colors()) {
		start_color();
		use_default_colors();
	}
	set_style(STYLE_PLAIN, A_NORMAL, A_NORMAL, -1, -1);
	set_style(STYLE_STRONG, A_BOLD, A_BOLD, -1, -1);
	set_style(STYLE_HEADER, A_REVERSE, A_NORMAL, COLOR_BLACK, COLOR_GREEN);
	set_style(STYLE_SORTED, A_REVERSE | A_BOLD | A_UNDERLINE, A_NORMAL, COLOR_BLACK, COLOR_CYAN);
	set_style(STYLE_SELECTED, A_REVERSE, A_REVERSE, -1, -1);
	set_style(STYLE_FAINT, A_NORMAL, A_DIM, -1, -1);
	set_style(STYLE_SPARK, A_NORMAL, A_NORMAL, COLOR_CYAN, -1);
	set_style(STYLE_ALARM, A_BOLD, A_BOLD, COLOR_RED, -1);
}

/* Keys come one by one and are not shown; Ctrl-C and Ctrl-Z are signals still, but Ctrl-S does not stop the output. */
static void set_modes(void)
{
	struct termios modes;

	cbreak();
	noecho();
	nonl();
	intrflush(stdscr, FALSE);
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	if (!tcgetattr(STDIN_FILENO, &modes)) {
		modes.c_iflag &= ~(tcflag_t)IXON;
		tcsetattr(STDIN_FILENO, TCSANOW, &modes);
	}
	def_prog_mode();
}

int curses_open(void)
{
	bool moves;
	int error;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &terminal.modes))
		return -ENOTSUP;
	if (setupterm(NULL, STDOUT_FILENO, &error))
		return -ENOTSUP;
	moves = tigetstr("cup") && tigetstr("cup") != (char *)-1;
	collect_reset();
	del_curterm(cur_term); /* newterm() makes its own */
	if (!moves)
		return -ENOTSUP;
	setlocale(LC_CTYPE, "");
	terminal.utf8 = !strcmp(nl_langinfo(CODESET), "UTF-8");
	terminal.screen = newterm(NULL, stdout, stdin);
	if (!terminal.screen)
		return -ENOTSUP;
	hold_back_stderr();
	terminal.open = 1;
	catch_deadly_signals();
	set_modes();
	set_styles();
	return 0;
}

void curses_close(void)
{
	if (!terminal.open)
		return;
	curs_set(1);
	endwin();
	terminal.open = 0;
	delscreen(terminal.screen);
	terminal.screen = NULL;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.modes);
	release_stderr();
}

/* --- keys */

static unsigned key_of_code(wint_t code)
{
	switch (code) {
	case KEY_UP:
		return SCREEN_KEY_UP;
	case KEY_DOWN:
		return SCREEN_KEY_DOWN;
	case KEY_LEFT:
		return SCREEN_KEY_LEFT;
	case KEY_RIGHT:
		return SCREEN_KEY_RIGHT;
	case KEY_PPAGE:
		return SCREEN_KEY_PAGE_UP;
	case KEY_NPAGE:
		return SCREEN_KEY_PAGE_DOWN;
	case KEY_HOME:
		return SCREEN_KEY_HOME;
	case KEY_END:
		return SCREEN_KEY_END;
	case KEY_ENTER:
		return SCREEN_KEY_ENTER;
	case KEY_BACKSPACE:
		return SCREEN_KEY_BACKSPACE;
	default:
		return 0; /* a key nobody knows */
	}
}

static unsigned key_of_char(wint_t c)
{
	switch (c) {
	case '\r':
	case '\n':
		return SCREEN_KEY_ENTER;
	case '\033':
		return SCREEN_KEY_ESCAPE;
	case '\b':
	case 0x7f:
		return SCREEN_KEY_BACKSPACE;
	default:
		return (unsigned)c;
	}
}

bool curses_key(unsigned *key)
{
	wint_t c;

	switch (get_wch(&c)) {
	case OK:
		*key = key_of_char(c);
		return true;
	case KEY_CODE_YES:
		*key = key_of_code(c);
		return true;
	default:
		return false;
	}
}

/* --- drawing */

void curses_size(unsigned *width, unsigned *height)
{
	*width = (unsigned)COLS;
	*height = (unsigned)LINES;
}

/* Where the terminal takes no UTF-8: bars in ASCII, '?' for the rest. */
static void put_ascii(const char *text)
{
	static const char levels[] = ".:-=+*#@";
	size_t len = strlen(text);

	while (len) {
		unsigned c;
		size_t bytes = utf8_next(text, len, &c);

		addch(c < 0x80 ? c : c >= 0x2581 && c <= 0x2588 ? (chtype)levels[c - 0x2581] : '?');
		text += bytes;
		len -= bytes;
	}
}

static void draw_line(int y, const struct frame_line *line)
{
	move(y, 0);
	attr_set(terminal.attributes[line->style], terminal.pairs[line->style], NULL);
	if (terminal.utf8)
		addstr(line->text);
	else
		put_ascii(line->text);
	if (line->mark_columns)
		mvchgat(y, (int)line->mark_at, (int)line->mark_columns, terminal.attributes[line->mark],
			terminal.pairs[line->mark], NULL);
}

/* A terminal that takes nothing any more would block us; it gets the next picture. */
static bool takes_output(void)
{
	struct pollfd fd = {.fd = STDOUT_FILENO, .events = POLLOUT};

	return poll(&fd, 1, 0) == 1 && fd.revents & POLLOUT;
}

void curses_draw(const struct frame *f)
{
	if (!terminal.open || !takes_output())
		return;
	attr_set(A_NORMAL, 0, NULL);
	erase();
	for (unsigned y = 0; y < f->used; y++)
		draw_line((int)y, &f->lines[y]);
	curs_set(f->cursor_line >= 0);
	if (f->cursor_line >= 0)
		move(f->cursor_line, f->cursor_column);
	refresh();
}

void curses_suspend(void)
{
	curs_set(1);
	endwin();
	tcsetattr(STDIN_FILENO, TCSADRAIN, &terminal.modes);
}

void curses_resume(void)
{
	struct winsize size;

	reset_prog_mode();
	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
	clearok(stdscr, TRUE);
}

#endif
