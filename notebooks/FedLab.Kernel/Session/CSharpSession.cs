using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Scripting;
using Microsoft.CodeAnalysis.Scripting;

namespace FedLab.Kernel.Session;

/// <summary>
/// The C# of one notebook: each cell continues from what the cells before it left. Runs one cell at a time; compilation and execution happen on
/// the calling thread.
/// </summary>
internal sealed class CSharpSession
{
    private readonly ScriptOptions _options;
    private readonly CellTexts _cells = new();
    private ScriptState<object?>? _state;

    /// <summary>Begins with nothing.</summary>
    /// <param name="options">What cells see; see <see cref="CellImports.Options"/>.</param>
    public CSharpSession(ScriptOptions options) => _options = options;

    /// <summary>Runs a cell and keeps what it leaves: also when it fails, what it did before it failed.</summary>
    /// <param name="number">The cell's number in the notebook.</param>
    /// <param name="code">Its text.</param>
    /// <param name="interruption">Ends it.</param>
    /// <param name="use">Called with the value of the cell's last expression, still under the interruption's power; null is a value like others.</param>
    /// <returns>Why it failed; null where it did not.</returns>
    public FailureReport? Run(int number, string code, CellInterruption interruption, Action<object?> use)
    {
        var path = _cells.Add(number, code);
        ScriptState<object?>? next = null;
        var failure = Execute(CellSource.ToCSharp(code), _options.WithFilePath(path), interruption, use, state => next = state);
        if (next is not null) _state = next;
        return failure;
    }

    /// <summary>Evaluates an expression beside the cells: what it declares is gone afterwards.</summary>
    /// <param name="expression">The expression.</param>
    /// <param name="interruption">Ends it.</param>
    /// <param name="use">Called with its value.</param>
    /// <returns>Why it failed; null where it did not.</returns>
    public FailureReport? Evaluate(string expression, CellInterruption interruption, Action<object?> use) =>
        Execute(expression, _options, interruption, use, static _ => { });

    /// <summary>The meaning of a text that would stand in the next cell.</summary>
    /// <param name="code">The text.</param>
    public Compilation Understand(string code) => Next(code, _options).GetCompilation();

    /// <summary>What the author of a cell reads of an exception that ended none: one of a thread, or of an <c>async void</c> method.</summary>
    /// <param name="exception">The exception.</param>
    public FailureReport Explain(Exception exception) => FailureReport.OfException(exception, _cells);

    private FailureReport? Execute(string code, ScriptOptions options, CellInterruption interruption, Action<object?> use, Action<ScriptState<object?>> keep)
    {
        var script = Next(code, options);
        try
        {
            // Compiled before it runs under the interruption's power, which would leave the compiler's own caches torn.
            script = Compile(script, options, interruption.Asked);
            interruption.Asked.ThrowIfCancellationRequested();
            if (options.FilePath is { Length: > 0 } path) Remember(path, script.GetCompilation());
        }
        catch (CompilationErrorException exception)
        {
            return FailureReport.OfCompilation(exception.Diagnostics, _cells);
        }
        catch (OperationCanceledException) when (interruption.Asked.IsCancellationRequested)
        {
            return FailureReport.Interrupted();
        }
        FailureReport? failure = FailureReport.Interrupted();
        var ended = CellThread.Run(() => failure = Start(script, interruption, use, keep), interruption);
        return ended ? failure : FailureReport.LeftBehind();
    }

    [SuppressMessage("Design", "CA1031", Justification = "A cell may throw anything; all of it is reported to its author.")]
    private FailureReport? Start(Script<object?> script, CellInterruption interruption, Action<object?> use, Action<ScriptState<object?>> keep)
    {
        (string Path, int Line)? shown = null;
        try
        {
            var running = _state is null ? script.RunAsync(null, static _ => true, CancellationToken.None) : script.RunFromAsync(_state, static _ => true, CancellationToken.None);
            var state = running.GetAwaiter().GetResult();
            interruption.LeftBehind.ThrowIfCancellationRequested();
            keep(state);
            if (state.Exception is not null) return Report(state.Exception);
            shown = _cells.EndOf(script.GetCompilation().AssemblyName);
            use(state.ReturnValue);
            return null;
        }
        catch (Exception exception)
        {
            return Report(exception);
        }

        FailureReport Report(Exception exception) => exception is OperationCanceledException or ThreadInterruptedException && interruption.Asked.IsCancellationRequested
            ? FailureReport.Interrupted()
            : FailureReport.OfException(exception, _cells, shown);
    }

    /// <summary>Compiles a cell with its checkpoints, or as it is where it has no place for them.</summary>
    private Script<object?> Compile(Script<object?> script, ScriptOptions options, CancellationToken cancellationToken)
    {
        var written = script.GetCompilation();
        if (!written.GetDiagnostics(cancellationToken).Any(found => found.Severity == DiagnosticSeverity.Error) && Checkpoints.Insert(written) is { } code)
        {
            var checkedScript = Next(code, options);
            try
            {
                checkedScript.CreateDelegate(cancellationToken);
                return checkedScript;
            }
            catch (CompilationErrorException)
            {
                // Code that has no place for a checkpoint after all runs without.
            }
        }
        script.CreateDelegate(cancellationToken);
        return script;
    }

    private void Remember(string path, Compilation compilation)
    {
        var tree = compilation.SyntaxTrees.Last();
        var last = tree.GetRoot().ChildNodes().LastOrDefault();
        if (compilation.AssemblyName is { } assembly && last is not null) _cells.AddProgram(assembly, path, tree.GetLineSpan(last.Span).StartLinePosition.Line + 1);
    }

    private Script<object?> Next(string code, ScriptOptions options) =>
        _state is null ? CSharpScript.Create<object?>(code, options) : _state.Script.ContinueWith<object?>(code, options);
}
