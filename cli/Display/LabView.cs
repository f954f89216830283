using System.Threading.Channels;
using FedLab.Proto;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace FedLab.Cli.Display;

/// <summary>Shows a lab while it is brought up and runs: on a terminal a table and the last lines of the programs, redrawn in place; otherwise a line whenever something changes.</summary>
/// <param name="writer">Where to: standard error.</param>
/// <param name="console">The terminal; null where nobody sees it.</param>
/// <param name="time">Clock.</param>
internal sealed class LabView(TextWriter writer, IAnsiConsole? console, TimeProvider time)
{
    private const int KeptLines = 8;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly long _started = time.GetTimestamp();
    private ContainerList? _list;
    private IReadOnlyList<string> _below = [];

    /// <summary>Does the work while the view is shown; what was shown last stays on the terminal.</summary>
    /// <param name="work">The work.</param>
    public Task ShowAsync(Func<Task> work)
    {
        if (console is null) return work();
        return console.Live(Draw()).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async context =>
        {
            var working = work();
            while (!working.IsCompleted)
            {
                // A clock ticks in the table even when nothing else does.
                await Task.WhenAny(working, _changed.Reader.WaitToReadAsync().AsTask(), Task.Delay(TimeSpan.FromSeconds(1), time));
                _changed.Reader.TryRead(out _);
                context.UpdateTarget(Draw());
            }
            context.UpdateTarget(Draw());
            await working;
        });
    }

    /// <summary>What is known of the containers.</summary>
    /// <param name="list">The containers.</param>
    public void Update(ContainerList list)
    {
        lock (_gate)
        {
            _list = list;
            if (console is null) Tell(list);
        }
        _changed.Writer.TryWrite(item: true);
    }

    /// <summary>A line that a program wrote.</summary>
    /// <param name="name">The program's name in the lab.</param>
    /// <param name="text">The line.</param>
    public void AddLine(string name, string text)
    {
        lock (_gate)
        {
            if (console is null)
            {
                writer.WriteLine($"{name} | {text}");
                return;
            }
            _lines.Enqueue($"{name} | {text}");
            if (_lines.Count > KeptLines) _lines.Dequeue();
        }
        _changed.Writer.TryWrite(item: true);
    }

    /// <summary>Sentences that stay below the table.</summary>
    /// <param name="sentences">The sentences.</param>
    public void Say(params IReadOnlyList<string> sentences)
    {
        lock (_gate)
        {
            _below = sentences;
            if (console is null)
            {
                foreach (var sentence in sentences) writer.WriteLine(sentence);
            }
        }
        _changed.Writer.TryWrite(item: true);
    }

    private void Tell(ContainerList list)
    {
        foreach (var container in list.Containers)
        {
            var state = ContainerTables.State(container);
            if (container.Problem.Length > 0) state += $" ({container.Problem})";
            if (_told.GetValueOrDefault(container.Name) == state) continue;
            _told[container.Name] = state;
            writer.WriteLine($"[{Formats.Clock(time.GetElapsedTime(_started))}] {container.Name}: {state}");
        }
        if (list.Problem.Length == 0 || _told.GetValueOrDefault("") == list.Problem) return;
        _told[""] = list.Problem;
        writer.WriteLine(list.Problem);
    }

    private Rows Draw()
    {
        lock (_gate)
        {
            var parts = new List<IRenderable>();
            if (_list is not null)
            {
                parts.Add(ContainerTables.Create(_list, time, _lines.Count == 0 && _below.Count == 0 ? Formats.Clock(time.GetElapsedTime(_started)) : null));
                parts.AddRange(ContainerTables.Problems(_list));
            }
            parts.AddRange(_lines.Select(line => new Text(Clip(line), Styles.Quiet)));
            if (_lines.Count > 0 && _below.Count > 0) parts.Add(Text.Empty);
            parts.AddRange(_below.Select(line => new Text(line)));
            return new Rows(parts);
        }
    }

    /// <summary>A line of a log takes one line of the screen.</summary>
    private string Clip(string line)
    {
        var width = Math.Max(20, console!.Profile.Width - 1);
        return line.Length <= width ? line : line[..(width - 1)] + "…";
    }
}
