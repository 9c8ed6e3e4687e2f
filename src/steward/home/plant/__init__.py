"""A workshop or a plant as a home: points of a Modbus device or an OPC UA server."""
