using Google.Protobuf;
using Grpc.Core;
using Grpc.Tests.Support;
using Grpc.Tests.Trial;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.Tests;

/// <summary>What a client makes of a server that does not keep to the protocol.</summary>
public sealed class MalformedResponseTests
{
    private static readonly byte[] Hello = RawClient.Frame(new Note { Text = "hello" }.ToByteArray());

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(418, StatusCode.Unknown)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(431, StatusCode.Internal)]
    [InlineData(500, StatusCode.Unknown)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    public async Task An_http_status_becomes_a_grpc_status(int http, StatusCode expected)
    {
        var failure = await FailAsync(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });
        Assert.Equal(expected, failure.StatusCode);
    }

    [Fact]
    public async Task A_grpc_status_counts_more_than_the_http_status()
    {
        var failure = await FailAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["grpc-status"] = "9";
            context.Response.Headers["grpc-message"] = "%E4%B8%8D%E8%A1%8C %zz %e4";
            return Task.CompletedTask;
        });
        Assert.Equal(StatusCode.FailedPrecondition, failure.StatusCode);
        Assert.Equal("不行 %zz \uFFFD", failure.Status.Detail);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("5")]
    public async Task A_page_instead_of_an_answer_is_unknown(string content)
    {
        var failure = await FailAsync(async context =>
        {
            context.Response.ContentType = "text/html";
            await context.Response.WriteAsync(content);
        });
        Assert.Equal(StatusCode.Unknown, failure.StatusCode);
        Assert.Contains("text/html", failure.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x", StatusCode.Unknown)]
    [InlineData("-1", StatusCode.Unknown)]
    [InlineData("17", StatusCode.Unknown)]
    [InlineData("99999999999999999999", StatusCode.Unknown)]
    [InlineData("16", StatusCode.Unauthenticated)]
    [InlineData(null, StatusCode.Unknown)]
    public async Task A_status_that_is_missing_or_malformed_is_unknown(string? status, StatusCode expected)
    {
        var failure = await FailAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(Hello);
            if (status is not null) context.Response.AppendTrailer("grpc-status", status);
        });
        Assert.Equal(expected, failure.StatusCode);
    }

    [Theory]
    [InlineData(null, 1, StatusCode.Internal)]
    [InlineData("gzip", 1, StatusCode.Internal)]
    [InlineData(null, 3, StatusCode.Internal)]
    public async Task A_compressed_response_is_internal(string? encoding, byte flag, StatusCode expected)
    {
        var failure = await FailAsync(Respond(RawClient.Frame([1, 2, 3], flag), encoding: encoding));
        Assert.Equal(expected, failure.StatusCode);
    }

    [Fact]
    public async Task A_response_that_ends_inside_a_message_is_internal()
    {
        Assert.Equal(StatusCode.Internal, (await FailAsync(Respond(Hello[..7]))).StatusCode);
        Assert.Equal(StatusCode.Internal, (await FailAsync(Respond(Hello[..3]))).StatusCode);
        Assert.Equal(StatusCode.Aborted, (await FailAsync(Respond(Hello[..3], status: "10"))).StatusCode);
    }

    [Fact]
    public async Task No_response_or_two_for_a_method_that_has_one_are_unimplemented()
    {
        Assert.Equal(StatusCode.Unimplemented, (await FailAsync(Respond([]))).StatusCode);
        Assert.Equal(StatusCode.Unimplemented, (await FailAsync(Respond([.. Hello, .. Hello]))).StatusCode);
        Assert.Equal(StatusCode.Unimplemented, (await FailAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "0";
            return Task.CompletedTask;
        })).StatusCode);
    }

    [Fact]
    public async Task A_huge_or_unparseable_response_fails()
    {
        Assert.Equal(StatusCode.ResourceExhausted, (await FailAsync(Respond(RawClient.Frame([1], length: uint.MaxValue)))).StatusCode);
        Assert.Equal(StatusCode.Internal, (await FailAsync(Respond(RawClient.Frame([0xFF, 0xFF])))).StatusCode);
    }

    [Fact]
    public async Task Metadata_that_is_not_base64_is_internal()
    {
        var failure = await FailAsync(async context =>
        {
            context.Response.Headers["bad-bin"] = "Y";
            await Respond(Hello)(context);
        });
        Assert.Equal(StatusCode.Internal, failure.StatusCode);
    }

    [Theory]
    [InlineData(0x0, StatusCode.Internal)]
    [InlineData(0x1, StatusCode.Internal)]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task The_code_of_a_reset_stream_becomes_a_status(int code, StatusCode expected)
    {
        var failure = await FailAsync(async context =>
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(Hello);
            await context.Response.Body.FlushAsync();
            context.Features.Get<IHttpResetFeature>()!.Reset(code);
        });
        Assert.Equal(expected, failure.StatusCode);
    }

    private static RequestDelegate Respond(byte[] body, string? encoding = null, string status = "0") => async context =>
    {
        context.Response.ContentType = "application/grpc";
        if (encoding is not null) context.Response.Headers["grpc-encoding"] = encoding;
        await context.Response.Body.WriteAsync(body);
        context.Response.AppendTrailer("grpc-status", status);
    };

    private static async Task<RpcException> FailAsync(RequestDelegate answer)
    {
        await using var server = await TestServer.StartAsync(map: app => app.MapPost("/fedlab.trial.Notes/Single", answer));
        using var call = server.Client().SingleAsync(new Note());
        var failure = await Wait.Failure(() => call.ResponseAsync);
        Assert.Equal(failure.Status, call.GetStatus());
        return failure;
    }
}
