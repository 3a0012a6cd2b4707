// Asks an Intarsia server from Go, by Arrow's Flight SQL client.
//
//	go run . grpc+tls://db.example:32010 ada
//
// The password is in INTARSIA_PASSWORD. INTARSIA_CA may name a file (PEM) with an authority to trust.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log"
	"net/url"
	"os"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/flight/flightsql"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

const richest = "SELECT name, balance FROM customers WHERE region = ? " +
	"ORDER BY balance DESC NULLS LAST, id LIMIT 1"

func main() {
	if len(os.Args) < 2 {
		log.Fatal("the server's URL, please, and the user's name if it wants one")
	}
	ctx := context.Background()
	client, err := connect(os.Args[1])
	check(err)
	defer client.Close()
	if len(os.Args) > 2 {
		// From here on the context carries the token that the server gives for the password.
		ctx, err = client.Client.AuthenticateBasicToken(ctx, os.Args[2], os.Getenv("INTARSIA_PASSWORD"))
		check(err)
	}
	statement, err := client.Prepare(ctx, richest)
	check(err)
	defer statement.Close(ctx)
	for _, region := range []string{"EU", "US"} {
		check(ask(ctx, client, statement, region))
	}
}

func connect(text string) (*flightsql.Client, error) {
	server, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	transport := insecure.NewCredentials()
	if server.Scheme == "grpc+tls" {
		transport = credentials.NewTLS(&tls.Config{RootCAs: authorities()})
	}
	return flightsql.NewClient(server.Host, nil, nil, grpc.WithTransportCredentials(transport))
}

// authorities are those to trust: the system's, unless there is one of the operator's own.
func authorities() *x509.CertPool {
	file := os.Getenv("INTARSIA_CA")
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	check(err)
	own := x509.NewCertPool()
	own.AppendCertsFromPEM(pem)
	return own
}

func ask(ctx context.Context, client *flightsql.Client, statement *flightsql.PreparedStatement, region string) error {
	// One row of values, a column a parameter, of the types that the server tells.
	values := array.NewRecordBuilder(memory.DefaultAllocator, statement.ParameterSchema())
	defer values.Release()
	values.Field(0).(*array.StringBuilder).Append(region)
	statement.SetParameters(values.NewRecordBatch())
	info, err := statement.Execute(ctx)
	if err != nil {
		return err
	}
	// An answer has one part or several, to be read in order.
	for _, part := range info.Endpoint {
		rows, err := client.DoGet(ctx, part.Ticket)
		if err != nil {
			return err
		}
		defer rows.Release()
		for rows.Next() {
			show(region, rows.RecordBatch())
		}
		if rows.Err() != nil {
			return rows.Err()
		}
	}
	return nil
}

func show(region string, batch arrow.RecordBatch) {
	names := batch.Column(0).(*array.String)
	balances := batch.Column(1).(*array.Decimal128)
	scale := balances.DataType().(*arrow.Decimal128Type).Scale
	for row := range int(batch.NumRows()) {
		fmt.Printf("%s: %s %s\n", region, names.Value(row), balances.Value(row).ToString(scale))
	}
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
