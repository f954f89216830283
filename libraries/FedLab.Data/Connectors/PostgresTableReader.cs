using System.Buffers.Binary;
using FedLab.Data.Reading;
using Npgsql;

namespace FedLab.Data.Connectors;

/// <summary>
/// One reading of a PostgreSQL table or query: a binary COPY (https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"), of
/// which a part stands in a buffer that grows to the longest row at most.
/// </summary>
internal sealed class PostgresTableReader(NpgsqlDataSource server, NpgsqlConnection connection, TableSelection selection, PostgresColumn[] columns, string source, PostgresErrors errors, bool gathers) : ITableReader
{
    private const int BufferBytes = 1 << 18;
    private const int FillBytes = 1 << 16;
    private const int FlagsBytes = 2 * sizeof(int);
    private const short EndOfData = -1;
    private const int Null = -1;

    private static ReadOnlySpan<byte> Signature => [(byte)'P', (byte)'G', (byte)'C', (byte)'O', (byte)'P', (byte)'Y', (byte)'\n', 0xFF, (byte)'\r', (byte)'\n', 0];

    /// <summary>
    /// A server that is a little slower than its reader wakes it for every 8 KiB, and being woken costs more than reading them: after a
    /// wait the reader lets the system gather what comes in for so long. (A Unix socket holds too little for that.)
    /// </summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(1);

    private byte[] _buffer = new byte[BufferBytes];
    private int _start;
    private int _end;
    private Stream? _copy;
    private CellForm[] _forms = [];

    /// <summary>The columns of the result, in its order.</summary>
    private int[] _fetched = [];
    private DataFormatException? _failure;
    private long _row;
    private bool _finished;

    /// <summary>Whether the last filling had to wait for the server.</summary>
    private bool _trickles;

    /// <summary>Whether the server has sent everything; what is left is in the buffer.</summary>
    private bool _ended;

    public IReadOnlyList<SourceColumn> Columns { get; } = [.. columns.Select(column => column.Source)];

    public void Choose(IReadOnlyList<CellForm> forms) => _forms = [.. forms];

    public async ValueTask<bool> ReadAsync(RowBlock block, CancellationToken cancellationToken)
    {
        block.Clear();
        try
        {
            if (_failure is not null) throw _failure;
            if (_copy is null) await StartAsync(cancellationToken).ConfigureAwait(false);
            while (!_finished && !block.IsFull)
            {
                if (!ReadRows(block)) await FillAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (DataFormatException e)
        {
            if (block.RowCount == 0) throw;
            _failure = e;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (errors.Describe(e, _row) is not { } described) throw;
            if (block.RowCount == 0) throw described;
            _failure = described;
        }

        return block.RowCount > 0;
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_copy is NpgsqlRawCopyStream copy)
            {
                // Closing the stream would read what is left; whoever stops early does not want to wait for that.
                if (!_finished) await copy.CancelAsync().ConfigureAwait(false);
                await copy.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or IOException or InvalidOperationException)
        {
            // The connection is broken or about to be closed; the error that brought us here is the one to see.
        }

        await connection.DisposeAsync().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
    }

    private async Task StartAsync(CancellationToken cancellationToken)
    {
        string statement;
        if (selection.Table is null)
        {
            _fetched = [.. Enumerable.Range(0, columns.Length)];
            statement = selection.Query!.TrimEnd().TrimEnd(';');
        }
        else
        {
            _fetched = [.. Enumerable.Range(0, columns.Length).Where(i => _forms[i] != CellForm.Skipped)];
            statement = selection.Select(_fetched.Select(i => columns[i].Source.Name), Collation);
        }

        // The line ends keep a comment at the end of a query from taking the rest with it.
        _copy = await connection.BeginRawBinaryCopyAsync($"COPY (\n{statement}\n) TO STDOUT (FORMAT binary)", cancellationToken).ConfigureAwait(false);
        while (_end < Signature.Length + FlagsBytes) await FillAsync(cancellationToken).ConfigureAwait(false);
        if (!_buffer.AsSpan(0, Signature.Length).SequenceEqual(Signature)) throw Unreadable(column: null);
        var extension = BinaryPrimitives.ReadInt32BigEndian(_buffer.AsSpan(Signature.Length + sizeof(int)));
        if (extension != 0) throw Unreadable(column: null);
        _start = Signature.Length + FlagsBytes;
    }

    /// <summary>Texts are sorted by their bytes: other orders depend on the server's language data.</summary>
    private string Collation(string name)
    {
        var column = columns.First(column => column.Source.Name == name);
        return column.Wire == PostgresWire.Text && column.Source.Type == SourceType.Text && !column.Source.TypeName.Contains('.', StringComparison.Ordinal) ? " COLLATE \"C\"" : "";
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            if (_buffer.Length >= DataLimits.MaximumRowBytes) throw new DataFormatException(Messages.RowTooLarge(RowContext.Place(source, RowNumbering.Rows, _row + 1), DataLimits.MaximumRowBytes >> 20));
            Array.Resize(ref _buffer, 2 * _buffer.Length);
        }

        // The driver hands over one row at a time; a good part of the buffer is filled before it is looked at again.
        var enough = Math.Min(_buffer.Length, _end + FillBytes);
        if (_trickles) await Task.Delay(Gathering, cancellationToken).ConfigureAwait(false);
        _trickles = false;
        while (_end < enough)
        {
            var reading = _copy!.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
            _trickles |= gathers && !reading.IsCompleted;
            var count = await reading.ConfigureAwait(false);
            if (count == 0)
            {
                if (_ended) throw new DataFormatException(Messages.DatabaseGone(source, _row));
                _ended = true;
                return;
            }

            _end += count;
        }
    }

    /// <summary>Takes whole rows out of the buffer.</summary>
    /// <returns>False if more bytes are needed.</returns>
    private bool ReadRows(RowBlock block)
    {
        while (!block.IsFull)
        {
            var rest = _buffer.AsSpan(_start, _end - _start);
            var length = LengthOfRow(rest);
            if (length == 0) return false;
            if (_finished) return true;
            _row++;
            Append(block, rest[..length]);
            _start += length;
        }

        return true;
    }

    /// <summary>Bytes of the first row; 0 if it is not there as a whole. Behind the last row the end mark is one.</summary>
    private int LengthOfRow(ReadOnlySpan<byte> rest)
    {
        if (rest.Length < sizeof(short)) return 0;
        var count = BinaryPrimitives.ReadInt16BigEndian(rest);
        if (count == EndOfData)
        {
            _finished = true;
            return sizeof(short);
        }

        if (count != _fetched.Length) throw Unreadable(column: null);
        long length = sizeof(short);
        for (var i = 0; i < count; i++)
        {
            if (length + sizeof(int) > rest.Length) return 0;
            var size = BinaryPrimitives.ReadInt32BigEndian(rest[(int)length..]);
            if (size < Null) throw Unreadable(column: null);
            length += sizeof(int) + Math.Max(size, 0);
        }

        return length <= rest.Length ? (int)length : 0;
    }

    private void Append(RowBlock block, ReadOnlySpan<byte> row)
    {
        var rest = row[sizeof(short)..];
        foreach (var column in _fetched)
        {
            var size = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[sizeof(int)..];
            if (size == Null)
            {
                if (_forms[column] != CellForm.Skipped) block[column].AddMissing();
                continue;
            }

            if (_forms[column] != CellForm.Skipped)
            {
                if (size > DataLimits.MaximumFieldBytes) throw new DataFormatException(Messages.FieldTooLong(RowContext.Place(source, RowNumbering.Rows, _row), column + 1, DataLimits.MaximumFieldBytes));
                if (!PostgresCell.Append(block[column], columns[column].Wire, _forms[column], rest[..size])) throw Unreadable(columns[column].Source.Name);
            }

            rest = rest[size..];
        }

        block.EndRow(_row, row.Length);
    }

    private DataFormatException Unreadable(string? column)
    {
        var place = RowContext.Place(source, RowNumbering.Rows, _row);
        return new DataFormatException(column is null ? Messages.AnswerUnreadable(place) : Messages.CellUnreadable(place, column));
    }
}
