using System.Text;
using FedLab.Notebook.Display;

namespace FedLab.Kernel.Serving;

/// <summary>What cells write to the console goes to the output of the cell that wrote it, also when a later one runs meanwhile.</summary>
/// <param name="stream"><c>stdout</c> or <c>stderr</c>.</param>
/// <param name="outside">Where text goes that no cell wrote: the kernel's own log.</param>
internal sealed class ConsoleRelay(string stream, TextWriter outside) : TextWriter
{
    /// <inheritdoc />
    public override Encoding Encoding => Encoding.UTF8;

    /// <inheritdoc />
    public override void Write(char value) => Write([value]);

    /// <inheritdoc />
    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    /// <inheritdoc />
    public override void Write(string? value) => Write(value.AsSpan());

    /// <inheritdoc />
    public override void Write(ReadOnlySpan<char> buffer)
    {
        if (CellOutput.Current is { } output) output.Write(stream, buffer);
        else outside.Write(buffer);
    }

    /// <inheritdoc />
    public override void WriteLine(string? value) => Write(value + NewLine);

    /// <inheritdoc />
    public override void Flush()
    {
        if (CellOutput.Current is { } output) output.Flush();
        else outside.Flush();
    }
}

/// <summary>
/// Reading the console in a cell asks the person at the notebook for a line. What of a line was not read belongs to the cell that asked, and is
/// forgotten with it. The console calls from one thread at a time.
/// </summary>
internal sealed class ConsoleQuestions : TextReader
{
    private INotebookHost? _asker;
    private string _rest = "";

    /// <inheritdoc />
    public override int Peek() => Rest() is { Length: > 0 } rest ? rest[0] : -1;

    /// <inheritdoc />
    public override int Read()
    {
        Span<char> one = stackalloc char[1];
        return Read(one) == 0 ? -1 : one[0];
    }

    /// <inheritdoc />
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc />
    public override int Read(Span<char> buffer)
    {
        if (buffer.Length == 0 || Rest() is not { } rest) return 0;
        if (rest.Length == 0) rest = Ask() + "\n";
        var length = Math.Min(rest.Length, buffer.Length);
        rest.AsSpan(0, length).CopyTo(buffer);
        _rest = rest[length..];
        return length;
    }

    /// <inheritdoc />
    public override string? ReadLine()
    {
        if (Rest() is not { } rest) return null;
        _rest = "";
        return rest.Length == 0 ? Ask() : rest[..^1];
    }

    /// <summary>One line: a person at a notebook has no way of saying that there are no more.</summary>
    public override string ReadToEnd() => ReadLine() ?? "";

    /// <summary>What is left of a line that the running cell asked for, with its end; null where no cell runs.</summary>
    private string? Rest()
    {
        if (!ReferenceEquals(_asker, NotebookHost.Current)) (_asker, _rest) = (NotebookHost.Current, "");
        return _asker is null ? null : _rest;
    }

    private string Ask() => _asker!.AskAsync("", password: false, NotebookHost.Interrupted).GetAwaiter().GetResult();
}
