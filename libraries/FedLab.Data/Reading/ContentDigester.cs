using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using FedLab.Learning;

namespace FedLab.Data.Reading;

/// <summary>
/// SHA-256 over a canonical form of a data set: every text is preceded by its length in bytes, every list by its count, integers are
/// 32 bits and numbers IEEE 754 doubles, both little-endian; all missing numbers are one NaN and −0 is 0.
/// </summary>
internal sealed class ContentDigester : IDisposable
{
    private const int BlockValues = 4096;

    private static readonly long MissingBits = BitConverter.DoubleToInt64Bits(double.NaN);

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private byte[] _text = new byte[256];

    public static byte[] Compute(IReadOnlyList<string> keys, byte[]? labels, string[]? folds, Table table)
    {
        using var digester = new ContentDigester();
        digester.Append("FedLab data set 1");
        digester.Append(keys);
        digester.Append(labels is null ? 0 : 1);
        if (labels is not null) digester._hash.AppendData(labels);
        digester.Append(folds is null ? 0 : 1);
        if (folds is not null) digester.Append(folds);
        digester.Append(table.Columns.Count);
        foreach (var column in table.Columns) digester.Append(column);
        return digester._hash.GetHashAndReset();
    }

    public void Dispose() => _hash.Dispose();

    private void Append(Column column)
    {
        Append(column.Name);
        switch (column)
        {
            case NumericColumn numeric:
                Append("number");
                AppendNumbers(numeric.Values.Span);
                break;
            case CategoricalColumn categorical:
                Append("category");
                Append(categorical.Categories);
                AppendCodes(categorical.Codes.Span);
                break;
            default:
                throw new ArgumentException($"Column '{column.Name}' is of an unknown type.", nameof(column));
        }
    }

    private void AppendNumbers(ReadOnlySpan<double> values)
    {
        var block = new long[BlockValues];
        for (var start = 0; start < values.Length; start += BlockValues)
        {
            var part = values.Slice(start, Math.Min(BlockValues, values.Length - start));
            for (var i = 0; i < part.Length; i++)
            {
                var bits = double.IsNaN(part[i]) ? MissingBits : BitConverter.DoubleToInt64Bits(part[i] + 0.0);
                block[i] = BitConverter.IsLittleEndian ? bits : BinaryPrimitives.ReverseEndianness(bits);
            }

            _hash.AppendData(MemoryMarshal.AsBytes(block.AsSpan(0, part.Length)));
        }
    }

    private void AppendCodes(ReadOnlySpan<int> codes)
    {
        if (BitConverter.IsLittleEndian) _hash.AppendData(MemoryMarshal.AsBytes(codes));
        else foreach (var code in codes) Append(code);
    }

    private void Append(IReadOnlyList<string> texts)
    {
        Append(texts.Count);
        foreach (var text in texts) Append(text);
    }

    private void Append(string text)
    {
        var size = Encoding.UTF8.GetMaxByteCount(text.Length) + sizeof(int);
        if (_text.Length < size) _text = new byte[size];
        var length = Encoding.UTF8.GetBytes(text, _text.AsSpan(sizeof(int)));
        BinaryPrimitives.WriteInt32LittleEndian(_text, length);
        _hash.AppendData(_text, 0, sizeof(int) + length);
    }

    private void Append(int number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        _hash.AppendData(bytes);
    }
}
