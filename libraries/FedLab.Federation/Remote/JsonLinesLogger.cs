using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace FedLab.Federation.Remote;

/// <summary>
/// Writes a program's log to a file, one JSON object a line: time, level, event, category, message, and the message's values by
/// name. A line that cannot be written does not break the work that it tells of: the program hears of it once and ends in order.
/// </summary>
public sealed class JsonLinesLoggerProvider : ILoggerProvider
{
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly FileStream _file;
    private readonly TimeProvider _time;
    private readonly Action<IOException>? _failed;
    private bool _hasFailed;
    private bool _disposed;

    /// <summary>Opens or begins the file.</summary>
    /// <param name="path">The file; lines are appended.</param>
    /// <param name="time">Clock.</param>
    /// <param name="failed">Told of the first line that cannot be written; none is written after it.</param>
    public JsonLinesLoggerProvider(string path, TimeProvider? time = null, Action<IOException>? failed = null)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        _file = new FileStream(path, options);
        _time = time ?? TimeProvider.System;
        _failed = failed;
    }

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, category => new JsonLinesLogger(this, category));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            try
            {
                _file.Dispose();
            }
            catch (IOException)
            {
                // What it still held could not be written, which was told before.
            }
        }
    }

    private void Write(ReadOnlySpan<byte> line)
    {
        IOException failure;
        lock (_gate)
        {
            if (_disposed || _hasFailed) return;
            try
            {
                _file.Write(line);
                _file.Flush();
                return;
            }
            catch (IOException e)
            {
                _hasFailed = true;
                failure = e;
            }
        }
        _failed?.Invoke(failure);
    }

    private sealed class JsonLinesLogger(JsonLinesLoggerProvider owner, string category) : ILogger
    {
        private const string TemplateField = "{OriginalFormat}";

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            using var buffer = new MemoryStream(512);
            using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            {
                json.WriteStartObject();
                json.WriteString("time", owner._time.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
                json.WriteString("level", logLevel.ToString());
                json.WriteNumber("eventId", eventId.Id);
                if (eventId.Name is not null) json.WriteString("event", eventId.Name);
                json.WriteString("category", category);
                json.WriteString("message", formatter(state, exception));
                if (exception is not null) json.WriteString("exception", exception.ToString());
                if (state is IReadOnlyList<KeyValuePair<string, object?>> values)
                {
                    foreach (var (name, value) in values)
                    {
                        if (name == TemplateField) continue;
                        json.WritePropertyName(JsonNamingPolicy.CamelCase.ConvertName(name));
                        Write(json, value);
                    }
                }
                json.WriteEndObject();
            }
            buffer.Write("\n"u8);
            owner.Write(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
        }

        private static void Write(Utf8JsonWriter json, object? value)
        {
            switch (value)
            {
                case null: json.WriteNullValue(); break;
                case bool flag: json.WriteBooleanValue(flag); break;
                case int or long or short or byte or uint or ushort: json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture)); break;
                default: json.WriteStringValue(Convert.ToString(value, CultureInfo.InvariantCulture)); break;
            }
        }
    }
}
