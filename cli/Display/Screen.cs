using Spectre.Console;

namespace FedLab.Cli.Display;

/// <summary>Where a command writes: results to standard output, progress and errors to standard error.</summary>
internal sealed class Screen
{
    // Wide enough for every table; terminals decide for themselves.
    private const int FileWidth = 110;

    private readonly TextWriter _output;
    private readonly TextWriter _error;
    private readonly bool _errorIsTerminal;
    private readonly TimeProvider _time;

    /// <summary>Creates a screen.</summary>
    /// <param name="output">Standard output.</param>
    /// <param name="outputIsTerminal">Whether a person sees it.</param>
    /// <param name="error">Standard error.</param>
    /// <param name="errorIsTerminal">Whether a person sees it.</param>
    /// <param name="time">Clock.</param>
    public Screen(TextWriter output, bool outputIsTerminal, TextWriter error, bool errorIsTerminal, TimeProvider time)
    {
        _output = output;
        _error = error;
        _errorIsTerminal = errorIsTerminal;
        _time = time;
        Output = Create(output, outputIsTerminal);
        Error = Create(error, errorIsTerminal);
    }

    /// <summary>Standard output, for tables.</summary>
    public IAnsiConsole Output { get; }

    /// <summary>Standard error.</summary>
    public IAnsiConsole Error { get; }

    /// <summary>Prints one JSON object on standard output.</summary>
    /// <param name="json">The object's text.</param>
    public void WriteJson(string json) => _output.WriteLine(json);

    /// <summary>Prints a line on standard output as it is, for other programs to read.</summary>
    /// <param name="line">The line.</param>
    public void WriteLine(string line) => _output.WriteLine(line);

    /// <summary>Prints a sentence on standard error, in one line however long it is.</summary>
    /// <param name="sentence">The sentence.</param>
    public void WriteError(string sentence) => WriteErrorLine(sentence, Styles.Bad);

    /// <summary>Prints a remark on standard error, in one line.</summary>
    /// <param name="sentence">The remark.</param>
    public void WriteRemark(string sentence) => WriteErrorLine(sentence, Styles.Quiet);

    /// <summary>How progress is shown: live on a terminal, as lines of text otherwise and beside JSON.</summary>
    /// <param name="json">Whether the result is JSON.</param>
    public IProgressView Progress(bool json) => _errorIsTerminal && !json ? new LiveProgress(Error, _time) : new PlainProgress(_error, _time);

    /// <summary>How a lab is shown while it is brought up and runs.</summary>
    /// <param name="json">Whether the result is JSON.</param>
    public LabView Lab(bool json) => new(_error, _errorIsTerminal && !json ? Error : null, _time);

    /// <summary>How the progress of measurements is shown: one line that is overwritten on a terminal, a line now and then otherwise.</summary>
    public MeasurementProgress Measurements() => new(_error, _errorIsTerminal ? Error : null, _time);

    private static IAnsiConsole Create(TextWriter writer, bool isTerminal)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            ColorSystem = isTerminal ? ColorSystemSupport.Detect : ColorSystemSupport.NoColors,
            Interactive = isTerminal ? InteractionSupport.Detect : InteractionSupport.No,
        });
        if (!isTerminal) console.Profile.Width = FileWidth;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }

    private void WriteErrorLine(string sentence, Style style)
    {
        var line = string.Join(' ', sentence.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        if (_errorIsTerminal) Error.Write(new Text(line + Environment.NewLine, style));
        else _error.WriteLine(line);
    }
}
