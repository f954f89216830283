using FedLab.Lattice.Ring;

namespace FedLab.Lattice;

/// <summary>
/// An answer that shows the key holder the answer coefficients and nothing else, still modulo Q: c0 of every message at the answer
/// coefficients and the one c1. From <see cref="FunctionPrivateResponder.Randomise"/>. One owner, who disposes it.
/// </summary>
public sealed class RandomisedAnswer : IDisposable
{
    private readonly double[] _first;
    private readonly int _width;
    private AlignedBuffer? _second;

    internal RandomisedAnswer(LatticeContext context, int messages, int answersPerMessage)
    {
        Context = context;
        Messages = messages;
        AnswersPerMessage = answersPerMessage;
        _width = ((messages * answersPerMessage) + 7) & ~7;
        _first = new double[context.Tables.Length * _width];
        _second = context.Polynomials.Rent();
    }

    /// <summary>The ring.</summary>
    public LatticeContext Context { get; }

    /// <summary>How many messages share the c1.</summary>
    public int Messages { get; }

    /// <summary>Answer coefficients of each message.</summary>
    public int AnswersPerMessage { get; }

    /// <summary>A row for every prime: residues of [0, p), all answers of the first message, then those of the second, padded with zeros to a multiple of eight.</summary>
    internal Span<double> First => _first;

    /// <summary>Coefficients of c1, a row for every prime, integers below 2p in magnitude.</summary>
    internal Span<double> Second
    {
        get
        {
            ObjectDisposedException.ThrowIf(_second is null, this);
            return _second.Span;
        }
    }

    /// <summary>The residue of an answer modulo the prime at an index.</summary>
    internal double Residue(int prime, int message, int answer) => _first[(prime * _width) + (message * AnswersPerMessage) + answer];

    /// <summary>Switches to 2^x.</summary>
    internal ScanAnswer Switch(int answerModulusBits)
    {
        var whole = Context.Rows.Rent();
        var first = new double[_width];
        PowerOfTwoModulus.Switch(Context, _first, _width, answerModulusBits, first);
        PowerOfTwoModulus.Switch(Context, Second, Context.Degree, answerModulusBits, whole.Span);
        var answer = ScanAnswer.Pack(Context.Degree, answerModulusBits, first.AsSpan(0, Messages * AnswersPerMessage), whole.Span);
        Context.Rows.Return(whole, wasSecret: false);
        return answer;
    }

    /// <summary>Gives the memory back to the context.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _second, null) is { } second)
            Context.Polynomials.Return(second, wasSecret: false);
    }
}
