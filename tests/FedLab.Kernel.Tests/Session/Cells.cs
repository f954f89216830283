using FedLab.Kernel.Session;
using Microsoft.CodeAnalysis.Scripting;

namespace FedLab.Kernel.Tests.Session;

/// <summary>A session with what tests ask of it again and again.</summary>
internal sealed class Cells
{
    private static readonly ScriptOptions Options = CellImports.Options(AppContext.BaseDirectory);

    private int _number;

    public CSharpSession Session { get; } = new(Options);

    /// <summary>Runs a cell that must not fail; its value.</summary>
    public object? Value(string code)
    {
        object? value = null;
        using var interruption = new CellInterruption();
        var failure = Session.Run(++_number, code, interruption, result => value = result);
        Assert.Null(failure);
        return value;
    }

    /// <summary>Runs a cell that must fail; what its author reads.</summary>
    public IReadOnlyList<string> Failure(string code, Action<object?>? use = null)
    {
        using var interruption = new CellInterruption();
        var failure = Session.Run(++_number, code, interruption, use ?? (static _ => { }));
        Assert.NotNull(failure);
        return failure.Lines;
    }

    public IReadOnlyList<string> Proposals(string code) => [.. Completion.Complete(Session, code, code.Length).Proposals.Select(proposal => proposal.Text)];
}
