using System.Buffers.Text;

namespace FedLab.Synthesis;

/// <summary>Rows of a CSV file as bytes, in an array that grows and is used again for the next rows.</summary>
internal sealed class ByteRowBuffer
{
    private const int MaximumDigits = 24;

    private static readonly long[] PowersOfTen = [1, 10, 100, 1_000, 10_000];

    private byte[] _bytes = new byte[1 << 16];
    private int _length;

    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    public void Clear() => _length = 0;

    public void Append(ReadOnlySpan<byte> text)
    {
        Reserve(text.Length);
        text.CopyTo(_bytes.AsSpan(_length));
        _length += text.Length;
    }

    public void Append(byte character)
    {
        Reserve(1);
        _bytes[_length++] = character;
    }

    /// <summary>Appends <paramref name="scaled"/> / 10^<paramref name="decimals"/> without trailing zeros, exactly.</summary>
    public void AppendScaled(long scaled, int decimals)
    {
        Reserve(MaximumDigits);
        if (scaled < 0)
        {
            _bytes[_length++] = (byte)'-';
            scaled = -scaled;
        }

        var (whole, fraction) = Math.DivRem(scaled, PowersOfTen[decimals]);
        Utf8Formatter.TryFormat(whole, _bytes.AsSpan(_length), out var written);
        _length += written;
        if (fraction == 0) return;
        _bytes[_length++] = (byte)'.';
        for (var place = decimals - 1; fraction != 0; place--)
        {
            var (digit, rest) = Math.DivRem(fraction, PowersOfTen[place]);
            _bytes[_length++] = (byte)('0' + digit);
            fraction = rest;
        }
    }

    /// <summary>Appends a column's value, nothing where it is missing.</summary>
    public void Append(SyntheticColumn column, Enterprise enterprise)
    {
        if (column.Text is { } text)
        {
            Append(text(enterprise));
            return;
        }

        var value = column.ScaledValue(enterprise);
        if (value != SyntheticColumn.Missing) AppendScaled(value, column.Decimals);
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - _length < count) Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, _length + count));
    }
}
