using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace FedLab.Lattice.Evaluation;

/// <summary>Key switches from s(X^g) to s, one for each Galois element g that was asked for: what rotations and conjugation need. Immutable.</summary>
public sealed class GaloisKeys
{
    private readonly Dictionary<int, KeySwitchKey> _keys;

    /// <summary>Keys that were read or added up. All of one context.</summary>
    internal GaloisKeys(CkksContext context, IEnumerable<KeyValuePair<int, KeySwitchKey>> keys)
    {
        Context = context;
        _keys = new Dictionary<int, KeySwitchKey>(keys);
        foreach (var (element, key) in _keys)
        {
            context.CheckElement(element);
            if (!ReferenceEquals(key.Context, context))
                throw new ArgumentException($"The key of Galois element {element} is of another context.", nameof(keys));
        }
    }

    /// <summary>The parameters.</summary>
    public CkksContext Context { get; }

    /// <summary>The Galois elements that there is a key for.</summary>
    public IReadOnlyCollection<int> Elements => _keys.Keys;

    /// <summary>Makes keys for Galois elements.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="key">The secret key; not disposed.</param>
    /// <param name="elements">From <see cref="CkksContext.RotationElement"/>, <see cref="CkksContext.ConjugationElement"/> or what an operation says it needs.</param>
    /// <returns>Keys with fresh masks and errors.</returns>
    /// <exception cref="ArgumentException">The key is of another ring, an element is out of range, or the ring has no special prime.</exception>
    public static GaloisKeys Generate(CkksContext context, SecretKey key, IEnumerable<int> elements)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(elements);
        context.CheckKey(key);
        var keys = new Dictionary<int, KeySwitchKey>();
        var turned = context.Lattice.Polynomials.Rent();
        try
        {
            foreach (var element in elements)
            {
                context.CheckElement(element);
                if (keys.ContainsKey(element))
                    continue;
                using (key.Use())
                    GaloisAutomorphism.Apply(context, element, key.Evaluation, turned.Span);
                keys.Add(element, KeySwitchKey.Generate(context, key, turned.Span));
            }
        }
        finally
        {
            context.Lattice.Polynomials.Return(turned, wasSecret: true);
        }

        return new GaloisKeys(context, keys);
    }

    /// <summary>Bytes of written keys.</summary>
    /// <param name="context">The parameters.</param>
    /// <param name="elements">How many elements there are keys for.</param>
    /// <returns>The size of a <see cref="KeySwitchKey"/> for each.</returns>
    public static long SerializedSize(CkksContext context, int elements)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elements);
        return (long)KeySwitchKey.SerializedSize(context) * elements;
    }

    /// <summary>Reads keys for the elements that both sides agreed on.</summary>
    /// <param name="source">Exactly <see cref="SerializedSize"/> bytes.</param>
    /// <param name="context">The parameters that both sides agreed on.</param>
    /// <param name="elements">The Galois elements, in any order.</param>
    /// <returns>The keys.</returns>
    /// <exception cref="ArgumentException">An element is out of range.</exception>
    /// <exception cref="LatticeFormatException">The length is wrong or a residue is not below its prime.</exception>
    public static GaloisKeys Read(ReadOnlySequence<byte> source, CkksContext context, IEnumerable<int> elements)
    {
        ArgumentNullException.ThrowIfNull(context);
        var ascending = elements.Distinct().Order().ToArray();
        foreach (var element in ascending)
            context.CheckElement(element);
        var size = SerializedSize(context, ascending.Length);
        if (source.Length != size)
            throw new LatticeFormatException(Messages.WrongLength(nameof(GaloisKeys), size, source.Length));
        var reader = new SequenceReader<byte>(source);
        var keys = new Dictionary<int, KeySwitchKey>();
        foreach (var element in ascending)
            keys.Add(element, KeySwitchKey.Read(ref reader, context));
        return new GaloisKeys(context, keys);
    }

    /// <summary>Writes the keys, by ascending element; the elements themselves are agreed on, not written.</summary>
    /// <param name="writer">Takes <see cref="SerializedSize"/> bytes.</param>
    /// <exception cref="InvalidOperationException">A key came in another format, without a seed.</exception>
    public void Write(IBufferWriter<byte> writer)
    {
        foreach (var element in _keys.Keys.Order())
            _keys[element].Write(writer);
    }

    /// <summary>The key of a Galois element.</summary>
    /// <param name="element">An odd number below 2N.</param>
    /// <param name="key">The key where there is one.</param>
    /// <returns>Whether there is one.</returns>
    public bool TryGet(int element, [NotNullWhen(true)] out KeySwitchKey? key) => _keys.TryGetValue(element, out key);

    /// <summary>The key of a Galois element.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    internal KeySwitchKey Get(int element) =>
        _keys.TryGetValue(element, out var key)
            ? key
            : throw new ArgumentException($"There is no key for Galois element {element} among the {_keys.Count} given: generate the keys with this element in the list.", nameof(element));
}
